import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { TensorMemory } from './tensor-memory.js';
import { runNative } from './tensorflow-kernel.js';

/** A stack of products `op(A)[m, k] op(B)[k, n] + bias[n]`. A single matrix may serve the whole stack. */
export interface Product {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly bias?: TensorInfo | undefined;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Shape of the output. */
  readonly shape: number[];
}

/** Computes a stack of products by our kernel, in float32. */
export function product(memory: TensorMemory, { a, b, bias, shape, ...rest }: Product): TensorInfo {
  const { batch, m, n, k, transposeA = false, transposeB = false } = rest;
  const aStride = util.sizeFromShape(a.shape) === m * k ? 0 : m * k;
  const bStride = util.sizeFromShape(b.shape) === k * n ? 0 : k * n;
  // A single column would fill an eighth of a tile, so C[m, 1] = A b is computed as the row bᵀ Aᵀ.
  return n === 1 && m > 1 && bias === undefined
    ? runNative(memory, 'Product', [b, a, undefined], { shape }, [
        batch,
        1,
        m,
        k,
        Number(!transposeB),
        Number(!transposeA),
        bStride,
        aStride,
      ])
    : runNative(memory, 'Product', [a, b, bias], { shape }, [
        batch,
        m,
        n,
        k,
        Number(transposeA),
        Number(transposeB),
        aStride,
        bStride,
      ]);
}
