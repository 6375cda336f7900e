import {
  backend_util,
  Concat,
  Pack,
  PadV2,
  Slice,
  SplitV,
  slice_util,
  type Tensor,
  type TensorInfo,
  Tile,
  Transpose,
  Unpack,
  util,
} from '@tensorflow/tfjs-core';
import { copy, cutOut, putInto, stridesOf } from '../copy.js';
import type { TensorMemory } from '../tensor-memory.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

// Kernels that only move values.

export const transposeKernel: TensorFlowKernel = {
  name: Transpose,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    const perm = attrs['perm'] as number[];
    if (!memory.holds(x)) return engineKernel();
    if (perm.every((axis, i) => axis === i)) return memory.share(x);
    const shape = perm.map((axis) => x.shape[axis]!);
    const strides = stridesOf(x.shape);
    const fromStrides = perm.map((axis) => strides[axis]!);
    return copy(memory, [x], shape, [{ from: 0, to: 0, sizes: shape, fromStrides, toStrides: stridesOf(shape) }]);
  },
};

export const sliceKernel: TensorFlowKernel = {
  name: Slice,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (!memory.holds(x)) return engineKernel();
    // Both read the shape of their argument only, so that a TensorInfo does.
    const given = x as Tensor;
    const [begin, sizes] = slice_util.parseSliceParams(given, attrs['begin'] as number[], attrs['size'] as number[]);
    slice_util.assertParamsValid(given, begin!, sizes!);
    return copy(memory, [x], sizes!, [cutOut(x.shape, begin!, sizes!)]);
  },
};

export const tileKernel: TensorFlowKernel = {
  name: Tile,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    const reps = attrs['reps'] as number[];
    if (!memory.holds(x)) return engineKernel();
    const shape = x.shape.map((size, axis) => size * reps[axis]!);
    const [fromStrides, toStrides] = [stridesOf(x.shape), stridesOf(shape)];
    // Every axis as the copies and what is copied.
    const block = {
      from: 0,
      to: 0,
      sizes: x.shape.flatMap((size, axis) => [reps[axis]!, size]),
      fromStrides: fromStrides.flatMap((stride) => [0, stride]),
      toStrides: toStrides.flatMap((stride, axis) => [stride * x.shape[axis]!, stride]),
    };
    return copy(memory, [x], shape, [block]);
  },
};

export const splitKernel: TensorFlowKernel = {
  name: SplitV,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (!memory.holds(x)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    return cut(memory, x, axis, backend_util.prepareSplitSize(x as Tensor, attrs['numOrSizeSplits'] as number[], axis));
  },
};

export const unpackKernel: TensorFlowKernel = {
  name: Unpack,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['value']!;
    if (!memory.holds(x)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    const lengths = new Array<number>(x.shape[axis]!).fill(1);
    return cut(memory, x, axis, lengths, [...x.shape.slice(0, axis), ...x.shape.slice(axis + 1)]);
  },
};

export const concatKernel: TensorFlowKernel = {
  name: Concat,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    if (!alike(memory, parts)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, parts[0]!.shape)[0]!;
    const shapes = parts.map(({ shape }) => shape);
    backend_util.assertParamsConsistent(shapes, axis);
    return join(memory, parts, axis, shapes, backend_util.computeOutShape(shapes, axis));
  },
};

export const packKernel: TensorFlowKernel = {
  name: Pack,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    if (!alike(memory, parts)) return engineKernel();
    const { shape } = parts[0]!;
    for (const part of parts) util.assertShapesMatch(shape, part.shape, 'Pack on tensorflow: ');
    const axis = util.parseAxisParam(attrs['axis'] as number, [...shape, 1])[0]!;
    const shapes = parts.map(() => withAxis(shape, axis, 1));
    return join(memory, parts, axis, shapes, withAxis(shape, axis, parts.length));
  },
};

export const padKernel: TensorFlowKernel = {
  name: PadV2,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    const paddings = attrs['paddings'] as [number, number][];
    if (x.dtype !== 'float32') return engineKernel();
    if (paddings.every(([before, after]) => before + after === 0)) return memory.share(x);
    const shape = x.shape.map((size, i) => paddings[i]![0] + size + paddings[i]![1]);
    const begin = paddings.map(([before]) => before);
    return copy(memory, [x], shape, [putInto(shape, begin, x.shape)], attrs['constantValue'] as number);
  },
};

function alike(memory: TensorMemory, parts: readonly TensorInfo[]): boolean {
  return parts.every((part) => part.dtype === parts[0]!.dtype && memory.holds(part));
}

function withAxis(shape: readonly number[], axis: number, size: number): number[] {
  return [...shape.slice(0, axis), size, ...shape.slice(axis)];
}

/** @param shapes of the parts, as pieces of the whole along an axis. */
function join(
  memory: TensorMemory,
  parts: readonly TensorInfo[],
  axis: number,
  shapes: readonly number[][],
  whole: number[],
): TensorInfo {
  let start = 0;
  const blocks = shapes.map((shape) => {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    start += shape[axis]!;
    return putInto(whole, begin, shape);
  });
  return copy(memory, parts, whole, blocks);
}

/** The pieces of `x` that are so long along an axis. @param shape of each; default as they are cut. */
function cut(
  memory: TensorMemory,
  x: TensorInfo,
  axis: number,
  lengths: readonly number[],
  shape?: number[],
): TensorInfo[] {
  let start = 0;
  return lengths.map((length) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const sizes = x.shape.map((size, i) => (i === axis ? length : size));
    start += length;
    return copy(memory, [x], shape ?? sizes, [cutOut(x.shape, begin, sizes)]);
  });
}
