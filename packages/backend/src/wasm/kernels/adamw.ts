import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { adamWInputs } from '../../fused-kernels/check-shapes.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmFusedKernel } from '../wasm-kernel.js';

export const adamW: WasmFusedKernel<'AdamW'> = ({ backend, inputs, attributes }) => {
  const { first, second, weights, gradients, sizes } = adamWInputs('AdamW on wasm', inputs);
  const { clip, beta1, beta2, epsilon, rates, decays } = attributes;
  const { exports } = kernelsOf(backend);
  let m = addressOf(backend, first);
  let v = addressOf(backend, second);
  return weights.map((weight, i) => {
    const updated = shareIfAlone(weight) ?? backend.makeOutput(weight.shape, 'float32');
    exports.adamw(
      addressOf(backend, weight),
      addressOf(backend, gradients[i]!),
      m,
      v,
      addressOf(backend, updated),
      sizes[i]!,
      clip,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
      rates[i]!,
      decays[i]!,
    );
    m += 4 * sizes[i]!;
    v += 4 * sizes[i]!;
    return updated;
  });

  // A clone, a reshape and a tensor that the tape keeps share the memory. The engine counts them.
  function shareIfAlone(weight: TensorInfo): TensorInfo | undefined {
    if (backend.refCount(weight.dataId) > 1) return undefined;
    backend.incRef(weight.dataId);
    return { dataId: weight.dataId, shape: weight.shape, dtype: weight.dtype };
  }
};

export const globalNorm: WasmFusedKernel<'GlobalNorm'> = ({ backend, inputs }) => {
  const out = backend.makeOutput([], 'float32');
  let sum = 0;
  for (const x of Object.values(inputs)) {
    sum += kernelsOf(backend).exports.sumOfSquares(addressOf(backend, x), util.sizeFromShape(x.shape));
  }
  backend.typedArrayFromHeap(out)[0] = Math.sqrt(sum);
  return out;
};
