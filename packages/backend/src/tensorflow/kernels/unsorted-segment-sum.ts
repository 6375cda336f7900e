import { UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

/**
 * Sums the rows of `x [...ids, ...inner]` that have the same id: `[numSegments, ...inner]`. The gradient of `gather`.
 */
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
