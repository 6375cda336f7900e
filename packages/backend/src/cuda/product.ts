import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { CudaBackend } from './cuda-backend.js';
import { reduceMiddle } from './reduce.js';

const TILE = 64; // As in product.cu.
const THREADS = 256;

/** A stack of matrices in a tensor. Strides are in elements; 0 repeats the same matrix. */
export interface Matrices {
  readonly tensor: TensorInfo;
  /** Position of the first element. */
  readonly start?: number;
  readonly row: number;
  readonly column: number;
  readonly batch: number;
  readonly head: number;
}

/** `out[batch, head] = alpha · x[batch, head] y[batch, head] + bias`, with `x [m, k]`, `y [k, n]` and `bias [n]`. */
export interface Product {
  readonly x: Matrices;
  readonly y: Matrices;
  readonly bias?: TensorInfo | undefined;
  readonly batch: number;
  readonly heads: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha?: number;
}

/** Where a product goes, if not into a tensor `[batch, heads, m, n]` of its own. */
export interface Target {
  readonly tensor: TensorInfo;
  readonly start?: number;
  readonly row: number;
  readonly batch: number;
  readonly head: number;
}

/** A long `k` is split if the output alone would leave most of the GPU idle. */
const SHORTEST_PART = 256;
const BLOCKS_PER_MULTIPROCESSOR = 2;
/** Splits do not depend on the GPU, so that results do not: this is the size of a large one. */
const MULTIPROCESSORS = 128;

/** Computes a stack of products, in float32. */
export function product(cuda: CudaBackend, of: Product, shape: number[]): TensorInfo {
  const { batch, heads, m, n, k } = of;
  const tiles = Math.ceil(m / TILE) * Math.ceil(n / TILE) * batch * heads;
  const wanted = Math.floor((MULTIPROCESSORS * BLOCKS_PER_MULTIPROCESSOR) / Math.max(1, tiles));
  const parts = Math.min(wanted, Math.floor(k / SHORTEST_PART));
  if (parts < 2 || of.bias !== undefined) {
    const out = cuda.output(shape);
    productInto(cuda, of, { tensor: out, row: n, batch: heads * m * n, head: m * n });
    return out;
  }
  const part = Math.ceil(k / parts / 16) * 16;
  const partial = cuda.output([Math.ceil(k / part), batch, heads, m, n]);
  productInto(cuda, of, { tensor: partial, row: n, batch: heads * m * n, head: m * n }, part);
  const size = util.sizeFromShape(shape);
  const blocks = { outer: 1, middle: Math.ceil(k / part), inner: size };
  const out = reduceMiddle(cuda, 'sum', partial, blocks, shape);
  cuda.release(partial);
  return out;
}

/** Computes a stack of products into a part of a tensor. @param part splits `k`; see product.cu. */
export function productInto(cuda: CudaBackend, of: Product, out: Target, part: number = Math.max(1, of.k)): void {
  const { x, y, bias, batch, heads, m, n, k, alpha = 1 } = of;
  const parts = Math.max(1, Math.ceil(k / part));
  const at = (matrices: { tensor: TensorInfo; start?: number }) => {
    const address = cuda.address(matrices.tensor);
    return address === 0 ? 0 : address + 4 * (matrices.start ?? 0);
  };
  cuda.run({
    kernel: 'product',
    grid: [Math.ceil(n / TILE) * Math.ceil(m / TILE) * batch * heads * parts],
    threads: THREADS,
    pointers: [at(x), at(y), bias === undefined ? 0 : cuda.address(bias), at(out)],
    ints: [
      ...[m, n, k, heads, x.row, x.column, y.row, y.column, out.row],
      ...[x.batch, x.head, y.batch, y.head, out.batch, out.head, part, parts, batch * heads * m * n],
    ],
    floats: [alpha],
  });
}
