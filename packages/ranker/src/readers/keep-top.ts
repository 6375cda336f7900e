import { stopGradient } from '@sifaka/nn';
import { add, gather, mul, reshape, sub, type Tensor, tensor1d, tidy, topk, zeros } from '@tensorflow/tfjs-core';

/** Items that a search found. The caller owns all tensors. */
export interface FoundItems {
  /** `[B, K, D]`, `K = min(top, L)`: the most relevant first. */
  readonly items: Tensor;
  /** `[B, K]`: 1 for an item that was found, 0 behind them if there are fewer. */
  readonly mask: Tensor;
  /** `[B, K]`: descending. Meaningless where `mask` is 0. */
  readonly relevance: Tensor;
}

/**
 * Keeps the most relevant items of each row. Which ones are kept is a choice, without a gradient. Items and relevance
 * that are kept pass gradients.
 *
 * @param history `[B, L, D]`
 * @param eligible `[B, L]`: 1 for an item that may be kept, else 0.
 * @param relevance `[B, L]`. Of equal values, the first comes first.
 */
export function keepTop(history: Tensor, eligible: Tensor, relevance: Tensor, top: number): FoundItems {
  const [batch, length, dim] = history.shape as [number, number, number];
  const count = Math.min(top, length);
  return tidy(() => {
    // WASM's topk divides by the length, which would be 0.
    if (batch === 0 || count === 0) {
      const [mask, none] = [zeros([batch, count]), zeros([batch, count])];
      return { items: zeros([batch, count, dim]), mask, relevance: none };
    }
    const ranked = stopGradient(add(relevance, mul(sub(eligible, 1), 1e9))); // [B, L]
    const { indices } = topk(ranked, count, true); // [B, K]
    // TensorFlow.js' gradient of a gather per row runs row by row. That of a gather from all rows does not.
    const starts = reshape(
      tensor1d(
        Int32Array.from({ length: batch }, (_, row) => row * length),
        'int32',
      ),
      [batch, 1],
    );
    const rows = reshape(add(indices, starts), [batch * count]);
    const keep = (x: Tensor) => reshape(gather(reshape(x, [batch * length]), rows), [batch, count]);
    const items = reshape(gather(reshape(history, [batch * length, dim]), rows), [batch, count, dim]);
    return { items, mask: keep(eligible), relevance: keep(relevance) };
  });
}
