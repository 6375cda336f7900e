import { backend_util, type NamedAttrMap, slice_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type CopyBlock, cutOut, putInto, stridesOf } from './copy-block.js';

/** What `concat`, `slice` and the like copy, for engines that copy blocks. Block `i` comes from input `i`. */
export interface CopyPlan {
  readonly shape: number[];
  readonly blocks: readonly CopyBlock[];
  /** The value of entries that no block covers. Default: the blocks cover all. */
  readonly fill?: number;
}

export function planConcat(parts: readonly TensorInfo[], attrs: NamedAttrMap): CopyPlan {
  const axis = axisOf(attrs, parts[0]!.shape);
  const shapes = parts.map(({ shape }) => shape);
  backend_util.assertParamsConsistent(shapes, axis);
  return joined(shapes, axis, backend_util.computeOutShape(shapes, axis));
}

/** @param where for messages @throws Error if the parts have different shapes. */
export function planPack(where: string, parts: readonly TensorInfo[], attrs: NamedAttrMap): CopyPlan {
  const { shape } = parts[0]!;
  for (const part of parts) util.assertShapesMatch(shape, part.shape, `${where}: `);
  const axis = axisOf(attrs, [...shape, 1]);
  const withAxis = (size: number) => [...shape.slice(0, axis), size, ...shape.slice(axis)];
  const shapes = parts.map(() => withAxis(1));
  return joined(shapes, axis, withAxis(parts.length));
}

/** @returns a plan for each piece. */
export function planSplit(x: TensorInfo, attrs: NamedAttrMap): CopyPlan[] {
  const axis = axisOf(attrs, x.shape);
  // It reads only the shape of its argument, so a TensorInfo is enough.
  return pieces(x, axis, backend_util.prepareSplitSize(x as Tensor, attrs['numOrSizeSplits'] as number[], axis));
}

/** @returns a plan for each piece. */
export function planUnpack(x: TensorInfo, attrs: NamedAttrMap): CopyPlan[] {
  const axis = axisOf(attrs, x.shape);
  const shape = [...x.shape.slice(0, axis), ...x.shape.slice(axis + 1)];
  return pieces(x, axis, new Array<number>(x.shape[axis]!).fill(1)).map((plan) => ({ ...plan, shape }));
}

export function planSlice(x: TensorInfo, attrs: NamedAttrMap): CopyPlan {
  // Both functions read only the shape of their argument, so a TensorInfo is enough.
  const given = x as Tensor;
  const [begin, sizes] = slice_util.parseSliceParams(given, attrs['begin'] as number[], attrs['size'] as number[]);
  slice_util.assertParamsValid(given, begin!, sizes!);
  return { shape: sizes!, blocks: [cutOut(x.shape, begin!, sizes!)] };
}

/** @returns undefined if there is nothing to add. */
export function planPad(x: TensorInfo, attrs: NamedAttrMap): CopyPlan | undefined {
  const paddings = attrs['paddings'] as [number, number][];
  if (paddings.every(([before, after]) => before + after === 0)) return undefined;
  const shape = x.shape.map((size, i) => paddings[i]![0] + size + paddings[i]![1]);
  const begin = paddings.map(([before]) => before);
  return { shape, blocks: [putInto(shape, begin, x.shape)], fill: attrs['constantValue'] as number };
}

export function planTile(x: TensorInfo, attrs: NamedAttrMap): CopyPlan {
  const reps = attrs['reps'] as number[];
  const shape = x.shape.map((size, axis) => size * reps[axis]!);
  const [fromStrides, toStrides] = [stridesOf(x.shape), stridesOf(shape)];
  // Each axis becomes two: the copies, and the values that are copied.
  const block = {
    from: 0,
    to: 0,
    sizes: x.shape.flatMap((size, axis) => [reps[axis]!, size]),
    fromStrides: fromStrides.flatMap((stride) => [0, stride]),
    toStrides: toStrides.flatMap((stride, axis) => [stride * x.shape[axis]!, stride]),
  };
  return { shape, blocks: [block] };
}

/** @returns undefined if the axes stay as they are. */
export function planTranspose(x: TensorInfo, perm: readonly number[]): CopyPlan | undefined {
  if (perm.every((axis, i) => axis === i)) return undefined;
  const shape = perm.map((axis) => x.shape[axis]!);
  const strides = stridesOf(x.shape);
  const fromStrides = perm.map((axis) => strides[axis]!);
  return { shape, blocks: [{ from: 0, to: 0, sizes: shape, fromStrides, toStrides: stridesOf(shape) }] };
}

function axisOf(attrs: NamedAttrMap, shape: number[]): number {
  return util.parseAxisParam(attrs['axis'] as number, shape)[0]!;
}

/** @param shapes the shapes of the parts, as pieces of the whole along an axis. */
function joined(shapes: readonly number[][], axis: number, whole: number[]): CopyPlan {
  let start = 0;
  const blocks = shapes.map((shape) => {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    start += shape[axis]!;
    return putInto(whole, begin, shape);
  });
  return { shape: whole, blocks };
}

/** The pieces of `x` of these lengths along an axis. */
function pieces(x: TensorInfo, axis: number, lengths: readonly number[]): CopyPlan[] {
  let start = 0;
  return lengths.map((length) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const shape = x.shape.map((size, i) => (i === axis ? length : size));
    start += length;
    return { shape, blocks: [cutOut(x.shape, begin, shape)] };
  });
}
