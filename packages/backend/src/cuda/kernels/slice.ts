import { Reverse, Slice, StridedSlice, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { stridesOf } from '../../copy-block.js';
import { planSlice } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { CudaBackend } from '../cuda-backend.js';
import type { CudaKernel } from '../cuda-kernel.js';

export const sliceKernel: CudaKernel = {
  name: Slice,
  run: ({ cuda, inputs: { x }, attrs }) => copy(cuda, [x!], planSlice(x!, attrs)),
};

export const stridedSliceKernel: CudaKernel = {
  name: StridedSlice,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    const { begin, end, strides } = attrs as { begin: number[]; end: number[]; strides: number[] };
    const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'];
    const [first, last, ellipsis, newAxis, shrink] = masks.map((name) => (attrs[name] as number | undefined) ?? 0);
    const info = slice_util.sliceInfo(x.shape, begin, end, strides, first!, last!, ellipsis!, newAxis!, shrink!);
    const { finalShape, finalShapeSparse, begin: starts, strides: steps } = info;
    const own = stridesOf(x.shape);
    const block = {
      from: starts.reduce((total, start, axis) => total + start * own[axis]!, 0),
      to: 0,
      sizes: finalShapeSparse,
      fromStrides: steps.map((step, axis) => step * own[axis]!),
      toStrides: stridesOf(finalShapeSparse),
    };
    return copy(cuda, [x], { shape: finalShape, blocks: [block] });
  },
};

export const reverseKernel: CudaKernel = {
  name: Reverse,
  run: ({ cuda, inputs: { x }, attrs }) => reverse(cuda, x!, util.parseAxisParam(attrs['dims'] as number[], x!.shape)),
};

function reverse(cuda: CudaBackend, x: TensorInfo, axes: readonly number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  const block = {
    from: axes.reduce((total, axis) => total + Math.max(0, x.shape[axis]! - 1) * strides[axis]!, 0),
    to: 0,
    sizes: x.shape,
    fromStrides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    toStrides: strides,
  };
  return copy(cuda, [x], { shape: x.shape, blocks: [block] });
}
