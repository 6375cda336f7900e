import {
  assertChoice,
  assertNumber,
  assertSeed,
  assertShape,
  assertWhole,
  l2Normalize,
  ShapeError,
  stopGradient,
} from '@sifaka/nn';
import {
  add,
  exp,
  gather,
  log,
  max,
  mean,
  mul,
  type Scalar,
  scalar,
  slice,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { assertIntegers } from './check-options.js';
import { drawNegatives } from './draw-negatives.js';
import { drawnProducts } from './drawn-products.js';
import { infoNce } from './info-nce.js';
import { type NegativeMask, sameItemMask } from './negative-mask.js';
import { assertPairs, type PairLimit } from './pair-limit.js';

/** The rows that each item is contrasted with. */
export type CicNegatives =
  /** All rows of other items. */
  | { readonly kind: 'all' }
  /** A few rows per item, drawn uniformly and with replacement. The same rows serve both directions. */
  | {
      readonly kind: 'sampled';
      /** Number of negatives per item. Default 16, as in EM3's public code. */
      readonly count?: number;
      /** Give each step another seed. */
      readonly seed: number;
      /**
       * Rows that an item never draws. `'nothing'`: any row is drawn, even the item's own, as in EM3's public code. Its
       * loss then counts the positive as a negative too. `'sameItem'`: no row of the item. Default `'sameItem'`.
       */
      readonly exclude?: 'nothing' | 'sameItem';
    };

export interface CicOptions extends PairLimit {
  /** Multiplies the cosines (`1 / τ`). Default 10. EM3's public code tries τ = 0.5 and τ = 0.1. */
  readonly temperature?: number;
  /**
   * Item of each row, −1 if its id is hidden or unknown. All rows of −1 share one embedding, which belongs to no item:
   * they are excluded, as positives and as negatives. Rows of one item are not each other's negatives. Default: every
   * row is a known item of its own.
   */
  readonly items?: ArrayLike<number>;
  /** Default `{ kind: 'all' }`. */
  readonly negatives?: CicNegatives;
  /**
   * Rows that have a term in the loss. The others only serve as negatives, so that the items of a mini-batch can be
   * contrasted with a whole catalogue. Default: all rows.
   */
  readonly terms?: ArrayLike<number>;
}

/**
 * Content-ID contrast (EM3, arXiv 2404.06078): an item's content vector should match its id embedding among those of
 * other items, and vice versa: `½ (InfoNCE(content → id) + InfoNCE(id → content))` over cosines. Gradients reach both
 * sides. LEMUR adds this loss to joint training and gains nothing (arXiv 2511.10962, Table 5).
 *
 * We do not know the paper's negatives. EM3's public code is `{ kind: 'sampled', seed, exclude: 'nothing' }` over all
 * items of the catalogue in each step. `exclude: 'sameItem'` corrects it: an item is not its own negative. By default
 * all other items are negatives, which suits a mini-batch. Pass `items` if ids of the batch are hidden. Vectors
 * are normalised as {@link l2Normalize} does, which differs from the public code only if they are shorter than 10⁻⁵.
 *
 * Memory grows with the number of pairs: rows with a term times all rows for `'all'`, times `1 + count` for
 * `'sampled'`, where a pair takes about 100 bytes.
 *
 * @param content `[N, D]` projected vectors of the items
 * @param ids `[N, D]` projected id embeddings of the same items
 * @returns a scalar, owned by the caller; a constant 0 if there are no terms, or `'sameItem'` leaves none to draw.
 * @throws {@link ShapeError} if the shapes or the number of `items` differ.
 * @throws RangeError for more pairs than `maxPairs`, a temperature that is not positive, an unknown choice, a count or
 *   seed that is not a whole number, items that are not integers, or terms that are not among the rows.
 */
export function cic(content: Tensor, ids: Tensor, options: CicOptions = {}): Scalar {
  const { temperature = 10, items, negatives = { kind: 'all' } } = options;
  assertNumber('cic', { temperature }, { above: true });
  assertShape('cic: content', content, ['N', 'D']);
  const [count, width] = content.shape as [number, number];
  assertShape('cic: ids', ids, [count, width]);
  if (items !== undefined && items.length !== count) throw new ShapeError('cic: items', `[${count}]`, [items.length]);
  if (items !== undefined) assertIntegers('cic', 'items', items);
  const perTerm = checkNegatives(negatives);
  const rows = Int32Array.from({ length: count }, (_, row) => row).filter(
    (row) => items === undefined || items[row]! >= 0,
  );
  const terms = termsAmong(rows, count, options.terms);
  assertPairs('cic', terms.length, perTerm ?? rows.length, options);
  if (terms.length === 0) return scalar(0);
  const itemOf = items === undefined ? rows : Int32Array.from(rows, (row) => items[row]!);
  const contrast = negatives.kind === 'all' ? withAll(terms, itemOf) : withDrawn(terms, itemOf, negatives);
  if (contrast === undefined) return scalar(0);
  return tidy(() => {
    const known = (x: Tensor) => (rows.length === count ? x : gather(x, tensor1d(rows, 'int32')));
    const [vectors, embeddings] = [known(content), known(ids)];
    return mul(
      add(contrast(vectors, embeddings, temperature), contrast(embeddings, vectors, temperature)),
      0.5,
    ) as Scalar;
  });
}

/** One direction of the contrast: `[N, D]` and `[N, D]` → scalar. */
type Contrast = (from: Tensor, to: Tensor, temperature: number) => Scalar;

/** @returns the number of rows that a term is compared with, the positive included; undefined if with all. */
function checkNegatives(negatives: CicNegatives): number | undefined {
  assertChoice('cic', { 'negatives.kind': negatives.kind }, ['all', 'sampled']);
  if (negatives.kind === 'all') return undefined;
  const { count = 16, seed, exclude = 'sameItem' } = negatives;
  assertWhole('cic', { 'negatives.count': count });
  assertSeed('cic: negatives', seed);
  assertChoice('cic', { 'negatives.exclude': exclude }, ['nothing', 'sameItem']);
  return 1 + count;
}

/** @returns indices among the known `rows` of those terms that are known. */
function termsAmong(rows: Int32Array, count: number, terms: ArrayLike<number> | undefined): Int32Array {
  if (terms === undefined) return Int32Array.from(rows.keys());
  const indexOf = new Map(Array.from(rows, (row, index) => [row, index]));
  return Int32Array.from(terms, (term, i) => {
    if (Number.isInteger(term) && term >= 0 && term < count) return indexOf.get(term) ?? -1;
    throw new RangeError(`cic: expected term ${i} among ${count} rows, got ${term}`);
  }).filter((index) => index >= 0);
}

function withAll(terms: Int32Array, items: Int32Array): Contrast {
  const mask = maskSharedItems(terms, items);
  const options = { positives: terms, maxPairs: Number.MAX_SAFE_INTEGER, ...(mask && { mask }) }; // checked above
  const every = terms.length === items.length && terms.every((term, index) => term === index);
  return (from, to, scale) => infoNce(every ? from : gather(from, tensor1d(terms, 'int32')), to, { ...options, scale });
}

/** Masks rows that share an item; undefined if all items differ. */
function maskSharedItems(terms: Int32Array, items: Int32Array): NegativeMask | undefined {
  if (new Set(items).size === items.length) return undefined;
  const termItems = terms.map((term) => items[term]!);
  return sameItemMask(termItems, items, terms, { maxPairs: Number.MAX_SAFE_INTEGER });
}

function withDrawn(
  terms: Int32Array,
  items: Int32Array,
  { count = 16, seed, exclude = 'sameItem' }: Extract<CicNegatives, { kind: 'sampled' }>,
): Contrast | undefined {
  const drawn = drawNegatives(terms, items, { count, seed, exclude });
  if (drawn === undefined) return undefined;
  return (from, to, scale) =>
    tidy(() => {
      const own = gather(l2Normalize(from), tensor1d(terms, 'int32')); // [T, D]
      const logits = mul(drawnProducts(own, l2Normalize(to), drawn), scale); // [T, 1 + count], the positive first
      const top = stopGradient(max(logits, 1, true)); // [T, 1], a shift that cancels out
      const positives = slice(logits, [0, 0], [terms.length, 1]); // [T, 1]
      return mean(add(log(sum(exp(sub(logits, top)), 1, true)), sub(top, positives))) as Scalar;
    });
}
