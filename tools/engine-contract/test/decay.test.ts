import { AdamW, type NamedParameters } from '@sifaka/nn';
import { mul, onesLike, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { MODULES } from '../src/index.js';

const modules = MODULES.flatMap(({ name, cases }) =>
  cases.flatMap(({ name: variant, module }) => (module === undefined ? [] : [{ name, variant, module }])),
);

/**
 * Weights by what their names say, whatever their rank: `expandBias` of RankMixer is `[T, 1, D]`. The weights of
 * activation functions count as those of norms: PReLU's paper decays no slope (arXiv 1502.01852). So do the factors of
 * LayerScale.
 */
const isBiasOrNorm = (path: string): boolean =>
  /(^|\.)(bias|biases|[a-z]+Bias|scale|[a-zA-Z]+Scale|shift|slope|centre|steepness)$/.test(path);

/** Sets all weights to 1, and applies one update with gradients of zero, a rate of 0.1 and a decay of 0.5. */
function decay(parameters: NamedParameters): void {
  tidy(() => {
    for (const variable of parameters.values()) variable.assign(onesLike(variable as Tensor));
  });
  const optimizer = new AdamW(parameters, { weightDecay: 0.5 });
  const gradients = new Map([...parameters].map(([path, variable]) => [path, mul(variable as Tensor, 0)]));
  optimizer.apply(gradients, { learningRate: 0.1 });
  for (const gradient of gradients.values()) gradient.dispose();
  optimizer.dispose();
}

describe('AdamW with gradients of zero leaves biases and norms as they are, and shrinks all other weights', () => {
  test.each(modules)('$name: $variant', ({ module }) => {
    const made = module();
    const { parameters } = made;
    decay(parameters);
    const expected = [...parameters].map(([path]) => [path, isBiasOrNorm(path) ? 1 : Math.fround(0.95)]);
    const found = [...parameters].map(([path, variable]) => [path, ...new Set(variable.dataSync())]);
    made.dispose();
    expect(found).toEqual(expected);
  });
});
