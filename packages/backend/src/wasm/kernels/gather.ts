import { backend_util, GatherV2, type Tensor, util } from '@tensorflow/tfjs-core';
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

    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    // It reads only the shapes of its arguments, so a TensorInfo is enough.
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
      backend_util.segment_util.collectGatherOpShapeInfo(
        x as Tensor,
        indices as Tensor,
        axis,
        attrs['batchDims'] as number,
      );
    const count = util.sizeFromShape(indices.shape);
    const out = backend.makeOutput(outputShape, x.dtype);
    const outside = kernelsOf(backend).exports.gather(
      addressOf(backend, x),
      addressOf(backend, indices),
      addressOf(backend, out),
      batchSize,
      outerSize,
      dimSize,
      count / batchSize,
      sliceSize * util.bytesPerElement(x.dtype),
    );
    if (outside >= 0) {
      const index = backend.typedArrayFromHeap(indices)[outside];
      backend.disposeData(out.dataId);
      throw new Error(`GatherV2 on wasm: expected indices in [0, ${dimSize - 1}], got ${index} at position ${outside}`);
    }
    return out;
  },
};
