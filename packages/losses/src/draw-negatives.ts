import { seededRandom } from '@sifaka/nn';

/** How {@link drawNegatives} draws. */
export interface DrawOptions {
  /** Negatives per term. */
  readonly count: number;
  readonly seed: number;
  /** Rows that a term never draws: none, or all rows of its own item, itself included. */
  readonly exclude: 'nothing' | 'sameItem';
}

/**
 * Draws rows as negatives, uniformly and with replacement.
 *
 * @param terms rows that have a term, `[T]`
 * @param items item of each row, `[N]`
 * @returns for each term its own row and then `count` drawn rows, `[T · (1 + count)]`; undefined if all rows are of one
 *   item and `exclude` is `'sameItem'`, so that no row is left to draw.
 */
export function drawNegatives(
  terms: ArrayLike<number>,
  items: ArrayLike<number>,
  { count, seed, exclude }: DrawOptions,
): Int32Array | undefined {
  const random = seededRandom(seed);
  const { order, spans } = sortByItem(items);
  const drawn = new Int32Array(terms.length * (1 + count));
  for (let term = 0, at = 0; term < terms.length; term++) {
    const own = terms[term]!;
    const { start, size } = exclude === 'nothing' ? { start: 0, size: 0 } : spans.get(items[own]!)!;
    if (size === items.length) return undefined;
    drawn[at++] = own;
    for (let k = 0; k < count; k++) {
      const position = Math.floor(random() * (items.length - size));
      if (exclude === 'nothing') drawn[at++] = position;
      else drawn[at++] = order[position < start ? position : position + size]!; // Skips the rows of the item.
    }
  }
  return drawn;
}

/** The rows, those of one item side by side, and where each item's rows lie. */
function sortByItem(items: ArrayLike<number>) {
  const order = Int32Array.from({ length: items.length }, (_, row) => row).sort((a, b) => items[a]! - items[b]!);
  const spans = new Map<number, { start: number; size: number }>();
  order.forEach((row, position) => {
    const span = spans.get(items[row]!);
    if (span === undefined) spans.set(items[row]!, { start: position, size: 1 });
    else span.size++;
  });
  return { order, spans };
}
