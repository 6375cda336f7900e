import { backend_util, Concat, Pack, SplitV, type Tensor, type TensorInfo, Unpack, util } from '@tensorflow/tfjs-core';
import { cutOut, putInto } from '../../copy-block.js';
import { copy } from '../copy.js';
import type { TensorMemory } from '../tensor-memory.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const splitKernel: TensorFlowKernel = {
  name: SplitV,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (!memory.holds(x)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    return splitAlong(
      memory,
      x,
      axis,
      backend_util.prepareSplitSize(x as Tensor, attrs['numOrSizeSplits'] as number[], axis),
    );
  },
};

export const unpackKernel: TensorFlowKernel = {
  name: Unpack,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['value']!;
    if (!memory.holds(x)) return engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    const lengths = new Array<number>(x.shape[axis]!).fill(1);
    return splitAlong(memory, x, axis, lengths, [...x.shape.slice(0, axis), ...x.shape.slice(axis + 1)]);
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
    return concatenate(memory, parts, axis, shapes, backend_util.computeOutShape(shapes, axis));
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
    return concatenate(memory, parts, axis, shapes, withAxis(shape, axis, parts.length));
  },
};

function alike(memory: TensorMemory, parts: readonly TensorInfo[]): boolean {
  return parts.every((part) => part.dtype === parts[0]!.dtype && memory.holds(part));
}

function withAxis(shape: readonly number[], axis: number, size: number): number[] {
  return [...shape.slice(0, axis), size, ...shape.slice(axis)];
}

/** @param shapes the shapes of the parts, as pieces of the whole along an axis. */
function concatenate(
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

/**
 * The pieces of `x` of these lengths along an axis.
 *
 * @param shape shape of every piece; default: that of `x`, with the piece's length along the axis.
 */
function splitAlong(
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
