import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { runNative, runNativeAll, type TensorFlowKernel } from '../tensorflow-kernel.js';

/**
 * `AdamW`: one update of all weights. Inputs, by position: the first and the second moments `[N]` of all weights end to end, which are
 * changed in place, the weights, and a gradient for each. Outputs: the updated weights.
 *
 * Attributes: `clip` multiplies the gradients; `beta1`, `beta2`, `epsilon`; `rates` and `decays`, one of each for every weight:
 * `w ← w − rate · m / (√v + ε) − decay · w`.
 */
export const adamwKernel: TensorFlowKernel = {
  name: 'AdamW',
  run: ({ memory, inputs, attrs }) => {
    const [first, second, ...rest] = Object.values(inputs) as TensorInfo[];
    const count = rest.length / 2;
    const total = rest.slice(0, count).reduce((sum, { shape }) => sum + util.sizeFromShape(shape), 0);
    for (const { shape } of [first!, second!]) {
      if (shape.length === 1 && shape[0] === total) continue;
      throw new Error(`AdamW on tensorflow: expected moments of shape [${total}], got [${shape}]`);
    }
    for (let i = 0; i < count; i++) {
      const [weight, gradient] = [rest[i]!.shape, rest[count + i]!.shape];
      if (weight.join() === gradient.join()) continue;
      throw new Error(`AdamW on tensorflow: expected gradient ${i} of shape [${weight}], got [${gradient}]`);
    }
    const { clip, beta1, beta2, epsilon } = attrs as Readonly<Record<string, number>>;
    const [rates, decays] = [attrs['rates'] as number[], attrs['decays'] as number[]];
    const weights = rest.slice(0, count);
    const numbers = weights.flatMap(({ shape }, i) => [util.sizeFromShape(shape), rates[i]!, decays[i]!]);
    const outputs = weights.map(({ shape }) => ({ shape }));
    return runNativeAll(memory, 'AdamW', [first, second, ...rest], outputs, [
      clip!,
      beta1!,
      beta2!,
      epsilon!,
      ...numbers,
    ]);
  },
};

/** `GlobalNorm`: `√ Σ x²` over all inputs, a scalar. */
export const globalNormKernel: TensorFlowKernel = {
  name: 'GlobalNorm',
  run: ({ memory, inputs }) => {
    const all = Object.values(inputs) as TensorInfo[];
    const sizes = all.map(({ shape }) => util.sizeFromShape(shape));
    return runNative(memory, 'GlobalNorm', all, { shape: [] }, sizes);
  },
};
