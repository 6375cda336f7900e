import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

// Kernels that TensorFlow.js does not have, for nn's `AdamW` and `globalNorm`.

/**
 * `AdamW`: one update of all weights. Inputs, by position: the first and the second moments `[N]` of all weights end to end, which are
 * changed in place, the weights, and a gradient for each. Outputs: the updated weights, in the memory of the old ones where nothing
 * else shares it.
 *
 * Attributes: `clip` multiplies the gradients; `beta1`, `beta2`, `epsilon`; `rates` and `decays`, one of each for every weight:
 * `w ← w − rate · m / (√v + ε) − decay · w`.
 */
export const adamwKernel: WasmKernel = {
  name: 'AdamW',
  run: ({ backend, inputs, attrs }) => {
    const [first, second, ...rest] = inputs as unknown as TensorInfo[];
    const weights = rest.slice(0, rest.length / 2);
    const gradients = rest.slice(rest.length / 2);
    const sizes = weights.map(({ shape }) => util.sizeFromShape(shape));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    for (const moments of [first!, second!]) {
      if (moments.shape.length !== 1 || moments.shape[0] !== total) {
        throw new Error(`AdamW on wasm: expected moments of shape [${total}], got [${moments.shape}]`);
      }
    }
    weights.forEach(({ shape }, i) => {
      const got = gradients[i]!.shape;
      if (!util.arraysEqual(shape, got)) {
        throw new Error(`AdamW on wasm: expected gradient ${i} of shape [${shape}], got [${got}]`);
      }
    });
    const { clip, beta1, beta2, epsilon } = attrs as Readonly<Record<string, number>>;
    const [rates, decays] = [attrs['rates'] as number[], attrs['decays'] as number[]];
    const { exports } = kernelsOf(backend);
    let m = addressOf(backend, first!);
    let v = addressOf(backend, second!);
    return weights.map((weight, i) => {
      const updated = shareIfAlone(weight) ?? backend.makeOutput(weight.shape, 'float32');
      exports.adamw(
        addressOf(backend, weight),
        addressOf(backend, gradients[i]!),
        m,
        v,
        addressOf(backend, updated),
        sizes[i]!,
        clip!,
        beta1!,
        1 - beta1!,
        beta2!,
        1 - beta2!,
        epsilon!,
        rates[i]!,
        decays[i]!,
      );
      m += 4 * sizes[i]!;
      v += 4 * sizes[i]!;
      return updated;
    });

    // A clone, a reshape and what the tape keeps share a tensor's memory, and are counted.
    function shareIfAlone(weight: TensorInfo): TensorInfo | undefined {
      if (backend.refCount(weight.dataId) > 1) return undefined;
      backend.incRef(weight.dataId);
      return { dataId: weight.dataId, shape: weight.shape, dtype: weight.dtype };
    }
  },
};

/** `GlobalNorm`: `√ Σ x²` over all inputs, a scalar. */
export const globalNormKernel: WasmKernel = {
  name: 'GlobalNorm',
  run: ({ backend, inputs }) => {
    const out = backend.makeOutput([], 'float32');
    let sum = 0;
    for (const x of Object.values(inputs) as TensorInfo[]) {
      sum += kernelsOf(backend).exports.sumOfSquares(addressOf(backend, x), util.sizeFromShape(x.shape));
    }
    backend.typedArrayFromHeap(out)[0] = Math.sqrt(sum);
    return out;
  },
};
