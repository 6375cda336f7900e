import { assertShape } from '@sifaka/nn';
import { add, mul, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { infoNce } from './info-nce.js';

export interface CicOptions {
  /** Multiplies the cosines: `1 / τ`. EM3's public code tries τ = 0.5 and 0.1. Default 10. */
  readonly temperature?: number;
}

/**
 * Content-ID contrast (EM3, arXiv 2404.06078): an item's content vector is to find its id embedding among those of the other items, and
 * the other way round: `½ (InfoNCE(content → id) + InfoNCE(id → content))` over cosines. Gradients reach both sides. LEMUR tried it
 * beside joint training and gained nothing (Table 5).
 *
 * All other items are negatives, where EM3's public code draws 16 of the whole catalogue for each.
 *
 * @param content `[N, D]`: vectors of distinct items, projected
 * @param ids `[N, D]`: id embeddings of the same items, projected
 * @returns a scalar; 0 when there is no item.
 * @throws {@link ShapeError} if the shapes differ.
 */
export function cic(content: Tensor, ids: Tensor, { temperature = 10 }: CicOptions = {}): Scalar {
  assertShape('cic: content', content, ['N', 'D']);
  const [count, width] = content.shape as [number, number];
  assertShape('cic: ids', ids, [count, width]);
  const options = { scale: temperature, positives: Int32Array.from({ length: count }, (_, item) => item) };
  return tidy(() => mul(add(infoNce(content, ids, options), infoNce(ids, content, options)), 0.5) as Scalar);
}
