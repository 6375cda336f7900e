import { assertWhole } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import { assertFinite } from './divergence-error.js';

/**
 * Encodes items a few at a time, so that memory does not grow with their number.
 *
 * @param encode `[n]` items → `[n, width]`, which this function disposes
 * @returns `[N, width]` on the host
 * @throws RangeError unless `chunk` is a whole number from 1, {@link DivergenceError} if a value is not finite.
 */
export function encodeInChunks(
  where: string,
  items: Int32Array,
  { width, chunk }: { readonly width: number; readonly chunk: number },
  encode: (items: Int32Array) => Tensor,
): Float32Array {
  assertWhole(where, { chunk });
  const vectors = new Float32Array(items.length * width);
  for (let start = 0; start < items.length; start += chunk) {
    const encoded = encode(items.subarray(start, start + chunk));
    try {
      vectors.set(encoded.dataSync(), start * width);
    } finally {
      encoded.dispose();
    }
  }
  assertFinite(where, 'item vectors', vectors);
  return vectors;
}
