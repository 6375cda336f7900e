import { GatherV2, TopK, UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { gatherSizes } from '../../gather-sizes.js';
import { type CudaKernel, refuseTypes, runEach } from '../cuda-kernel.js';
import { cast } from './cast.js';

const LANES = 32;

/** `gather(x, indices, axis, batchDims)`. Indices outside the axis read 0. */
export const gatherKernel: CudaKernel = {
  name: GatherV2,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    const indices = cast(cuda, inputs['indices']!, 'int32');
    const { shape, outer, axis, count, slice } = gatherSizes(x, indices, attrs);
    const out = cuda.output(shape, x.dtype);
    const pointers = [cuda.address(x), cuda.address(indices), cuda.address(out)];
    const kernel = x.dtype === 'bool' ? 'gather_1' : 'gather_4';
    runEach(cuda, kernel, util.sizeFromShape(shape), pointers, [outer, axis, count, slice]);
    cuda.release(indices);
    return out;
  },
};

/**
 * Sums the rows of `x [...ids, ...inner]` that have the same id: `[numSegments, ...inner]`. The gradient of `gather`.
 */
export const unsortedSegmentSumKernel: CudaKernel = {
  name: UnsortedSegmentSum,
  run: ({ cuda, inputs, attrs }) => {
    const [x, ids] = [inputs['x']!, inputs['segmentIds']!];
    const leading = x.shape.slice(0, ids.shape.length);
    if (!util.arraysEqual(leading, ids.shape)) {
      throw new Error(`UnsortedSegmentSum on cuda: expected ids of the first axes of [${x.shape}], got [${ids.shape}]`);
    }
    if (x.dtype === 'bool' || ids.dtype !== 'int32') refuseTypes(UnsortedSegmentSum, x.dtype, ids.dtype);
    const inner = x.shape.slice(ids.shape.length);
    const width = util.sizeFromShape(inner);
    const segments = attrs['numSegments'] as number;
    const out = cuda.output([segments, ...inner], x.dtype);
    cuda.run({
      kernel: x.dtype === 'int32' ? 'segment_sum_int' : 'segment_sum_float',
      grid: [segments, Math.ceil(width / LANES)],
      threads: LANES,
      pointers: [cuda.address(x), cuda.address(ids), cuda.address(out)],
      ints: [util.sizeFromShape(ids.shape), width],
    });
    return out;
  },
};

/** The largest values of the last axis, sorted. */
export const topKKernel: CudaKernel = {
  name: TopK,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    if (x.dtype !== 'float32') refuseTypes(TopK, x.dtype);
    const count = attrs['k'] as number;
    const width = x.shape.at(-1)!;
    const shape = [...x.shape.slice(0, -1), count];
    const [values, indices] = [cuda.output(shape), cuda.output(shape, 'int32')];
    if (count > 0) {
      cuda.run({
        kernel: 'top',
        grid: [util.sizeFromShape(x.shape.slice(0, -1))],
        threads: 128,
        pointers: [cuda.address(x), cuda.address(values), cuda.address(indices)],
        ints: [width, count],
      });
    }
    return [values, indices];
  },
};
