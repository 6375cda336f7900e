import { GatherV2, util } from '@tensorflow/tfjs-core';
import { gatherSizes } from '../../gather-sizes.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/** `gather(x, indices, axis, batchDims)`: copies whole slices; the engine computes the index of every element. */
export const gatherKernel: WasmKernel = {
  name: GatherV2,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    const indices = inputs['indices']!;
    if (x.dtype === 'string' || indices.dtype !== 'int32') return call.engineKernel();

    const { shape, batch, outer, axis, count, slice } = gatherSizes(x, indices, attrs);
    const out = backend.makeOutput(shape, x.dtype);
    const outside = kernelsOf(backend).exports.gather(
      addressOf(backend, x),
      addressOf(backend, indices),
      addressOf(backend, out),
      batch,
      outer,
      axis,
      count,
      slice * util.bytesPerElement(x.dtype),
    );
    if (outside >= 0) {
      const index = backend.typedArrayFromHeap(indices)[outside];
      backend.disposeData(out.dataId);
      throw new Error(`GatherV2 on wasm: expected indices in [0, ${axis - 1}], got ${index} at position ${outside}`);
    }
    return out;
  },
};
