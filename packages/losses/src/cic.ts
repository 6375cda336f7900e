import { assertNumber, assertShape, ShapeError } from '@sifaka/nn';
import { add, gather, mul, type Scalar, scalar, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { assertIntegers } from './check-options.js';
import { infoNce } from './info-nce.js';
import { type NegativeMask, sameItemMask } from './negative-mask.js';
import { assertPairs, type PairLimit } from './pair-limit.js';

export interface CicOptions extends PairLimit {
  /** Multiplies the cosines (`1 / τ`). Default 10. EM3's public code tries τ = 0.5 and τ = 0.1. */
  readonly temperature?: number;
  /**
   * Item of each row, −1 if its id is hidden or unknown. All rows of −1 share one embedding, which belongs to no item:
   * they are excluded, as positives and as negatives. Rows of one item are not each other's negatives. Default: every
   * row is a known item of its own.
   */
  readonly items?: ArrayLike<number>;
}

/**
 * Content-ID contrast (EM3, arXiv 2404.06078): an item's content vector should match its id embedding among those of
 * the other items, and vice versa: `½ (InfoNCE(content → id) + InfoNCE(id → content))` over cosines. Gradients reach
 * both sides. LEMUR adds this loss to joint training and gains nothing (arXiv 2511.10962, Table 5).
 *
 * All other items are negatives. EM3's public code draws 16 negatives per item from the whole catalogue, where every
 * item has an id embedding of its own. Pass `items` if ids of the batch are hidden.
 *
 * @param content `[N, D]` projected vectors of the items
 * @param ids `[N, D]` projected id embeddings of the same items
 * @returns a scalar, owned by the caller; a constant 0 if there are no items.
 * @throws {@link ShapeError} if the shapes or the number of `items` differ.
 * @throws RangeError for more pairs than `maxPairs`, a temperature that is not positive, or items that are not
 *   integers.
 */
export function cic(content: Tensor, ids: Tensor, options: CicOptions = {}): Scalar {
  const { temperature = 10, items } = options;
  assertNumber('cic', { temperature }, { above: true });
  assertShape('cic: content', content, ['N', 'D']);
  const [count, width] = content.shape as [number, number];
  assertShape('cic: ids', ids, [count, width]);
  if (items !== undefined && items.length !== count) throw new ShapeError('cic: items', `[${count}]`, [items.length]);
  if (items !== undefined) assertIntegers('cic', 'items', items);
  const rows = Int32Array.from({ length: count }, (_, row) => row).filter(
    (row) => items === undefined || items[row]! >= 0,
  );
  assertPairs('cic', rows.length, rows.length, options);
  if (rows.length === 0) return scalar(0);
  const positives = Int32Array.from(rows.keys());
  const maxPairs = Number.MAX_SAFE_INTEGER; // checked above
  const itemOf = items === undefined ? positives : Array.from(rows, (row) => items[row]!);
  const mask = maskSharedItems(itemOf, positives);
  const contrast = { scale: temperature, positives, maxPairs, ...(mask && { mask }) };
  return tidy(() => {
    const known = (x: Tensor) => (rows.length === count ? x : gather(x, tensor1d(rows, 'int32')));
    const [vectors, embeddings] = [known(content), known(ids)];
    return mul(add(infoNce(vectors, embeddings, contrast), infoNce(embeddings, vectors, contrast)), 0.5) as Scalar;
  });
}

/** Masks rows that share an item; undefined if all items differ. */
function maskSharedItems(items: ArrayLike<number>, positives: Int32Array): NegativeMask | undefined {
  if (new Set(Array.from(items)).size === items.length) return undefined;
  return sameItemMask(items, items, positives, { maxPairs: Number.MAX_SAFE_INTEGER });
}
