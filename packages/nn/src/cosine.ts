import { add, div, mul, sqrt, square, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * Divides each vector of the last axis by its length: `x / √(Σ x² + ε)`. A zero vector stays zero and has a finite
 * gradient.
 *
 * @param x `[..., D]`
 * @returns `[..., D]`
 */
export function l2Normalize(x: Tensor, epsilon = 1e-12): Tensor {
  return tidy(() => div(x, sqrt(add(sum(square(x), -1, true), epsilon))));
}

/** Cosine similarity over the last axis. @param a `[..., D]` @param b broadcastable to `a` @returns `[...]` */
export function cosineSimilarity(a: Tensor, b: Tensor): Tensor {
  return tidy(() => sum(mul(l2Normalize(a), l2Normalize(b)), -1));
}
