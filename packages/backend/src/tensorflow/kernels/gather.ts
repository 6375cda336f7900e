import { backend_util, GatherV2, type Tensor, UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

/** `gather(x, indices, axis, batchDims)`. tfjs-node's own reads all indices back to check them one by one. */
export const gatherKernel: TensorFlowKernel = {
  name: GatherV2,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const [x, indices] = [inputs['x']!, inputs['indices']!];
    if (!memory.holds(x) || indices.dtype !== 'int32' || !memory.holds(indices)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    // Reads the shapes of its arguments only, so that a TensorInfo does.
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

/** Sums the rows of `x [...ids, ...inner]` that carry the same id: `[numSegments, ...inner]`. The gradient of `gather`. */
export const unsortedSegmentSumKernel: TensorFlowKernel = {
  name: UnsortedSegmentSum,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const [x, ids] = [inputs['x']!, inputs['segmentIds']!];
    const leading = x.shape.slice(0, ids.shape.length);
    const fits = x.dtype === 'float32' && ids.dtype === 'int32' && util.arraysEqual(leading, ids.shape);
    if (!fits || !memory.holds(ids)) return engineKernel();
    const inner = x.shape.slice(ids.shape.length);
    const segments = attrs['numSegments'] as number;
    return runNative(memory, 'SegmentSum', [x, ids], { shape: [segments, ...inner] }, [
      util.sizeFromShape(ids.shape),
      util.sizeFromShape(inner),
      segments,
    ]);
  },
};
