import { backend_util, GatherV2, type Tensor, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

/** `gather(x, indices, axis, batchDims)`. tfjs-node's own kernel reads all indices back and checks them one by one. */
export const gatherKernel: TensorFlowKernel = {
  name: GatherV2,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const [x, indices] = [inputs['x']!, inputs['indices']!];
    if (!memory.holds(x) || indices.dtype !== 'int32' || !memory.holds(indices)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    // It reads only the shapes of its arguments, so a TensorInfo is enough.
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
      backend_util.segment_util.collectGatherOpShapeInfo(
        x as Tensor,
        indices as Tensor,
        axis,
        attrs['batchDims'] as number,
      );
    const count = util.sizeFromShape(indices.shape) / Math.max(1, batchSize);
    const width = sliceSize * util.bytesPerElement(x.dtype);
    return runNative(memory, 'Gather', [x, indices], { shape: outputShape, dtype: x.dtype }, [
      batchSize,
      outerSize,
      dimSize,
      count,
      width,
    ]);
  },
};
