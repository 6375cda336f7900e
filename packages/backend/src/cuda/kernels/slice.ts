import { Reverse, Slice, StridedSlice, slice_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { cutOut, stridesOf } from '../../copy-block.js';
import { copy } from '../copy.js';
import type { CudaBackend } from '../cuda-backend.js';
import type { CudaKernel } from '../cuda-kernel.js';

export const sliceKernel: CudaKernel = {
  name: Slice,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    // Both functions read only the shape of their argument, so a TensorInfo is enough.
    const given = x as Tensor;
    const [begin, sizes] = slice_util.parseSliceParams(given, attrs['begin'] as number[], attrs['size'] as number[]);
    slice_util.assertParamsValid(given, begin!, sizes!);
    return copy(cuda, [x], sizes!, [cutOut(x.shape, begin!, sizes!)]);
  },
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
    return copy(cuda, [x], finalShape, [block]);
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
  return copy(cuda, [x], x.shape, [block]);
}
