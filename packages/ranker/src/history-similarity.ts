import { assertShape, l2Normalize, stopGradient } from '@sifaka/nn';
import {
  add,
  cast,
  customGrad,
  gather,
  greater,
  matMul,
  mul,
  reshape,
  sub,
  type Tensor,
  tensor1d,
  tidy,
  topk,
} from '@tensorflow/tfjs-core';

export interface HistorySimilarityOutput {
  /** `[B, L]`: cosine of the candidate with each history item, in the order of the history; 0 where there is none. */
  readonly cosines: Tensor;
  /** `[B, L]`: the cosines of the history's items, largest first, then 0 for each place without one. */
  readonly sorted: Tensor;
}

// Sorts behind any cosine.
const PADDING = 4;

/**
 * LEMUR's similarity module: `c = [cos(d_target, d_1), …, cos(d_target, d_N)]` and its ranked version (arXiv 2511.10962 §3).
 * Place `k` of the ranked version is the `k`-th largest cosine, whatever the padding: ours, the paper does not speak of padding.
 * Gradient reaches the encoder through the target only, because histories carry none.
 *
 * @param target `[B, D]`
 * @param history `[B, L, D]`
 * @param mask `[B, L]`: 1 where there is an item
 * @throws {@link ShapeError} naming the argument whose width, length or batch differs.
 */
export function historySimilarity(target: Tensor, history: Tensor, mask: Tensor): HistorySimilarityOutput {
  assertShape('historySimilarity: history', history, ['B', 'L', 'D']);
  const [batch, length, dim] = history.shape as [number, number, number];
  assertShape('historySimilarity: target', target, [batch, dim]);
  assertShape('historySimilarity: mask', mask, [batch, length]);
  return tidy(() => {
    const direction = reshape(l2Normalize(target), [batch, dim, 1]);
    const cosines = mul(reshape(matMul(l2Normalize(history), direction), [batch, length]), mask); // [B, L]
    const ranked = sortDescending(add(cosines, mul(sub(mask, 1), PADDING)));
    return { cosines, sorted: mul(ranked, cast(greater(stopGradient(ranked), -PADDING / 2), 'float32')) };
  });
}

/**
 * Sorts each row, largest first. TensorFlow.js's `topk` has no gradient: here it is the inverse permutation.
 *
 * @param x `[B, L]`
 * @returns `[B, L]`
 * @throws {@link ShapeError} unless `x` has two axes.
 */
export function sortDescending(x: Tensor): Tensor {
  assertShape('sortDescending', x, ['B', 'L']);
  const [batch, length] = x.shape as [number, number];
  if (x.size === 0) return x.clone(); // The wasm engine's topk divides by the length.
  const op = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
    const input = inputs[0] as Tensor;
    const { values, indices } = topk(input, length, true);
    save([indices]);
    return {
      value: values,
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const inverse = inversePermutations(saved[0]!.dataSync() as Int32Array, length);
        return reshape(gather(reshape(upstream, [-1]), tensor1d(inverse, 'int32')), [batch, length]);
      },
    };
  });
  return tidy(() => op(x));
}

/** Where each original place went, as positions in the flat `[B · L]` array. */
function inversePermutations(indices: Int32Array, length: number): Int32Array {
  const inverse = new Int32Array(indices.length);
  for (let k = 0; k < indices.length; k++) {
    const row = k - (k % length);
    inverse[row + indices[k]!] = k;
  }
  return inverse;
}
