import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type ReductionBlocks, reductionBlocks } from '../reduction-blocks.js';
import type { CudaBackend } from './cuda-backend.js';
import { runEach } from './cuda-kernel.js';
import { fill } from './kernels/fill.js';
import { transpose } from './kernels/transpose.js';

/** A reduction of reduce.cu. */
export type Reduction = 'sum' | 'product' | 'max' | 'min';

/** The result for an empty input. */
const IDENTITY: Readonly<Record<Reduction, number>> = {
  sum: 0,
  product: 1,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
};

const NAMES: Readonly<Record<string, string>> = { float32: 'float', int32: 'int', bool: 'bool' };

const ROW_THREADS = 128; // As in reduce.cu.
/** A longer row is reduced in chunks of this length. */
const ROW_CHUNK = 8192;
/** Columns get a thread for each chunk of at least this many values, until there are as many threads. */
const COLUMN_CHUNK = 32;
const ENOUGH_THREADS = 2 ** 15;

/** Reduces the given axes of a tensor. @param scale multiplies a float result. */
export function reduce(
  cuda: CudaBackend,
  reduction: Reduction,
  x: TensorInfo,
  axes: readonly number[],
  shape: number[],
  scale = 1,
): TensorInfo {
  const blocks = reductionBlocks(x.shape, axes);
  if (blocks !== undefined) return reduceMiddle(cuda, reduction, x, blocks, shape, scale);
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const ordered = transpose(cuda, x, [...kept, ...axes]);
  const middle = util.sizeFromShape(axes.map((axis) => x.shape[axis]!));
  const outer = util.sizeFromShape(kept.map((axis) => x.shape[axis]!));
  const out = reduceMiddle(cuda, reduction, ordered, { outer, middle, inner: 1 }, shape, scale);
  cuda.release(ordered);
  return out;
}

/** Reduces the middle of three axes. The passes depend on the shape alone, and so does the order of a sum. */
export function reduceMiddle(
  cuda: CudaBackend,
  reduction: Reduction,
  x: TensorInfo,
  { outer, middle, inner }: ReductionBlocks,
  shape: number[],
  scale = 1,
): TensorInfo {
  if (middle === 0) return fill(cuda, shape, IDENTITY[reduction], x.dtype);
  const rows = inner === 1 && middle >= ROW_THREADS;
  const chunk = rows ? ROW_CHUNK : columnChunk(outer * inner, middle);
  const chunks = Math.ceil(middle / chunk);
  if (chunks > 1) {
    const partial = onePass(cuda, reduction, x, { outer, middle, inner }, [outer, chunks, inner], chunk, 1);
    const out = reduceMiddle(cuda, reduction, partial, { outer, middle: chunks, inner }, shape, scale);
    cuda.release(partial);
    return out;
  }
  return onePass(cuda, reduction, x, { outer, middle, inner }, shape, chunk, scale);
}

function columnChunk(columns: number, middle: number): number {
  const wanted = Math.ceil(ENOUGH_THREADS / Math.max(1, columns));
  return wanted <= 1 ? middle : Math.max(COLUMN_CHUNK, Math.ceil(middle / wanted));
}

function onePass(
  cuda: CudaBackend,
  reduction: Reduction,
  x: TensorInfo,
  { middle, inner }: ReductionBlocks,
  shape: number[],
  chunk: number,
  scale: number,
): TensorInfo {
  const out = cuda.output(shape, x.dtype);
  const outputs = util.sizeFromShape(shape);
  const chunks = Math.ceil(middle / chunk);
  const pointers = [cuda.address(x), cuda.address(out)];
  const kernel = `${reduction}_${NAMES[x.dtype]}`;
  const numbers = [middle, inner, chunk, chunks];
  if (inner === 1 && middle >= ROW_THREADS) {
    const ints = [outputs, ...numbers];
    cuda.run({ kernel: `${kernel}_rows`, grid: [outputs], threads: ROW_THREADS, pointers, ints, floats: [scale] });
  } else runEach(cuda, `${kernel}_columns`, outputs, pointers, numbers, [scale]);
  return out;
}
