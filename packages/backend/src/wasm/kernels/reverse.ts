import { Reverse, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/**
 * `reverse(x, dims)`: copies whole slices, in one pass for each axis; the engine computes the index of every element.
 */
export const reverseKernel: WasmKernel = {
  name: Reverse,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    if (x.dtype === 'string') return call.engineKernel();
    const axes = x.shape.length === 0 ? [] : util.parseAxisParam(attrs['dims'] as number[], x.shape);
    backend.incRef(x.dataId);
    let result: TensorInfo = { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    for (const axis of axes) {
      const count = x.shape[axis]!;
      if (count === 1) continue;
      const out = backend.makeOutput(x.shape, x.dtype);
      kernelsOf(backend).exports.reverse(
        addressOf(backend, result),
        addressOf(backend, out),
        util.sizeFromShape(x.shape.slice(0, axis)),
        count,
        util.sizeFromShape(x.shape.slice(axis + 1)) * util.bytesPerElement(x.dtype),
      );
      backend.disposeData(result.dataId);
      result = out;
    }
    return result;
  },
};
