import { assertShape } from '@sifaka/nn';
import { add, mul, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { infoNce } from './info-nce.js';

export interface CicOptions {
  /** Multiplies the cosines (`1 / τ`). Default 10. EM3's public code tries τ = 0.5 and τ = 0.1. */
  readonly temperature?: number;
}

/**
 * Content-ID contrast (EM3, arXiv 2404.06078): an item's content vector should match its id embedding among those of
 * the other items, and vice versa: `½ (InfoNCE(content → id) + InfoNCE(id → content))` over cosines. Gradients reach
 * both sides. LEMUR adds this loss to joint training and gains nothing (arXiv 2511.10962, Table 5).
 *
 * All other items are negatives. EM3's public code draws 16 negatives per item from the whole catalogue.
 *
 * @param content `[N, D]` projected vectors of distinct items
 * @param ids `[N, D]` projected id embeddings of the same items
 * @returns a scalar, owned by the caller; 0 if there are no items.
 * @throws {@link ShapeError} if the shapes differ.
 */
export function cic(content: Tensor, ids: Tensor, { temperature = 10 }: CicOptions = {}): Scalar {
  assertShape('cic: content', content, ['N', 'D']);
  const [count, width] = content.shape as [number, number];
  assertShape('cic: ids', ids, [count, width]);
  const options = { scale: temperature, positives: Int32Array.from({ length: count }, (_, item) => item) };
  return tidy(() => mul(add(infoNce(content, ids, options), infoNce(ids, content, options)), 0.5) as Scalar);
}
