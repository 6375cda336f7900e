import { FeedForward, LayerNorm, Linear, type Module, namedModules, SelfAttention } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  add,
  memory,
  mul,
  onesLike,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Viewable extends Module {
  forward(x: Tensor): Tensor;
  frozenView(): Viewable;
}

const MODULES: Record<string, () => Viewable> = {
  Linear: () => new Linear({ inputDim: 4, outputDim: 3, seed: 1 }),
  'Linear without a bias': () => new Linear({ inputDim: 4, outputDim: 3, seed: 1, bias: false }),
  LayerNorm: () => new LayerNorm({ dim: 4, epsilon: 0.1 }),
  SelfAttention: () => new SelfAttention({ dim: 4, heads: 2, seed: 1 }),
  FeedForward: () => new FeedForward({ dim: 4, hiddenDim: 6, seed: 1 }),
};

describe.each(Object.entries(MODULES))('a frozen view of %s', (_, make) => {
  it('computes the same, also after the weights have learned, and owns nothing', () => {
    const module = make();
    const before = memory().numTensors;
    const view = module.frozenView();
    expect(memory().numTensors).toBe(before);
    expect(view.parameters.size).toBe(0);
    expect([...namedModules(view).keys()]).toEqual([...namedModules(module).keys()]);
    tidy(() => {
      const x = normal([2, 3, 4], 2);
      expect(view.forward(x)).toBeAllClose(module.forward(x), { atol: 0, rtol: 0 });
      for (const variable of module.parameters.values()) variable.assign(add(variable, onesLike(variable)));
      expect(view.forward(x)).toBeAllClose(module.forward(x), { atol: 0, rtol: 0 });
    });
    view.dispose();
    expect([...module.parameters.values()].some(({ isDisposed }) => isDisposed)).toBe(false);
    module.dispose();
  });

  it('passes gradients to its input, but none to the weights', () => {
    const module = make();
    const view = module.frozenView();
    tidy(() => {
      const [x, y] = [normal([2, 3, 4], 2), normal([2, 3, 4], 3)];
      const upstream = normal(module.forward(x).shape, 4);
      checkGradient((x) => sum(mul(view.forward(x!), upstream)) as Scalar, [x]);
      const variables = [...module.parameters.values()];
      const alone = variableGrads(() => sum(mul(module.forward(x), upstream)), variables).grads;
      const both = variableGrads(() => sum(mul(add(module.forward(x), view.forward(y)), upstream)), variables).grads;
      for (const [path, { name }] of module.parameters) {
        expect(both[name]!, path).toBeAllClose(alone[name]!, { atol: 0, rtol: 0 });
      }
    });
    view.dispose();
    module.dispose();
  });
});

it('refuses parts of other shapes', () => {
  const [square, wide] = [3, 6].map((outputDim) => new Linear({ inputDim: 3, outputDim, seed: 1 })) as [Linear, Linear];
  expect(() => new SelfAttention({ dim: 3, heads: 1, seed: 1 }, { input: wide, output: square })).toThrow(
    'SelfAttention: input: expected [3, 9], got [3, 6]',
  );
  expect(() => new FeedForward({ dim: 3, hiddenDim: 6, seed: 1 }, { expand: wide, contract: square })).toThrow(
    'FeedForward: contract: expected [6, 3], got [3, 3]',
  );
  expect(() => new Linear({ inputDim: 3, outputDim: 3, seed: 1 }, wide)).toThrow(
    'Linear: base: expected [3, 3], got [3, 6]',
  );
  for (const linear of [square, wide]) linear.dispose();
});

describe('a frozen view of SelfAttention', () => {
  it('computes the output of some queries', () => {
    const attention = new SelfAttention({ dim: 4, heads: 2, seed: 1 });
    const view = attention.frozenView();
    tidy(() => {
      const x = normal([2, 3, 4], 2);
      expect(view.forward(x, { queries: 2 })).toBeAllClose(slice(view.forward(x), [0, 0, 0], [2, 2, 4]));
    });
    attention.dispose();
  });
});
