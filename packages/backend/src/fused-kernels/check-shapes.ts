import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { FusedKernels } from './fused-kernels.js';

/** @throws Error that names the kernel and the input if the shape is not the expected one. */
export function expectShape(kernel: string, input: string, { shape }: TensorInfo, expected: readonly number[]): void {
  if (!util.arraysEqual([...shape], [...expected])) {
    throw new Error(`${kernel}: expected ${input} of shape [${expected}], got [${shape}]`);
  }
}

/** The inputs of `AdamW`, by their roles. */
export interface AdamWInputs {
  /** `[N]`, all first moments end to end. */
  readonly first: TensorInfo;
  /** `[N]`, all second moments end to end. */
  readonly second: TensorInfo;
  readonly weights: readonly TensorInfo[];
  readonly gradients: readonly TensorInfo[];
  /** Number of entries of each weight. */
  readonly sizes: readonly number[];
}

/** Splits the list of inputs by their roles. @throws Error that names the first input whose shape does not fit. */
export function adamWInputs(kernel: string, inputs: readonly TensorInfo[]): AdamWInputs {
  const [first, second, ...rest] = inputs as readonly [TensorInfo, TensorInfo, ...TensorInfo[]];
  const weights = rest.slice(0, rest.length / 2);
  const gradients = rest.slice(rest.length / 2);
  const sizes = weights.map(({ shape }) => util.sizeFromShape(shape));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  for (const moments of [first, second]) expectShape(kernel, 'moments', moments, [total]);
  for (const [i, { shape }] of weights.entries()) expectShape(kernel, `gradient ${i}`, gradients[i]!, shape);
  return { first, second, weights, gradients, sizes };
}

/** Number of rows and width of `x [..., D]`. @throws Error unless each of the named vectors is `[D]`. */
export function layerNormRows(
  kernel: string,
  x: TensorInfo,
  vectors: Readonly<Record<string, TensorInfo>>,
): { readonly rows: number; readonly width: number } {
  const width = x.shape.at(-1) ?? 0;
  for (const [name, vector] of Object.entries(vectors)) expectShape(kernel, name, vector, [width]);
  return { rows: util.sizeFromShape(x.shape.slice(0, -1)), width };
}

/** Sizes of `x [..., K]` times `weight [K, N]`. @throws Error if an input's shape does not fit. */
export function linearSizes(
  kernel: string,
  x: TensorInfo,
  weight: TensorInfo,
  bias: TensorInfo | undefined,
): { readonly leading: number[]; readonly rows: number; readonly inner: number; readonly width: number } {
  const [inner = 0, width = 0] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.at(-1) !== inner) {
    throw new Error(`${kernel}: expected x of shape [..., ${inner}], got [${x.shape}]`);
  }
  if (bias !== undefined) expectShape(kernel, 'bias', bias, [width]);
  const leading = x.shape.slice(0, -1);
  return { leading, rows: util.sizeFromShape(leading), inner, width };
}

/** Sizes of a sparse matrix times `x`. @throws Error if an input's shape does not fit. */
export function sparseSizes(
  kernel: string,
  { starts, columns, values, x, plus }: FusedKernels['SparseMatMul']['inputs'],
): { readonly rows: number; readonly entries: number; readonly width: number } {
  const rows = util.sizeFromShape(starts.shape) - 1;
  const entries = util.sizeFromShape(values.shape);
  expectShape(kernel, 'starts', starts, [rows + 1]);
  expectShape(kernel, 'columns', columns, [entries]);
  const width = x.shape[1] ?? 0;
  if (x.shape.length !== 2) throw new Error(`${kernel}: expected x of shape [C, D], got [${x.shape}]`);
  if (plus !== undefined) expectShape(kernel, 'plus', plus, [rows, width]);
  return { rows, entries, width };
}
