import { type Ragged, ragged } from '@sifaka/data';
import { deriveSeed, seededRandom } from '@sifaka/nn';
import type { Catalogue, TextColumn } from './catalogue.js';

/**
 * Contents that say nothing of their items. `'permuted'`: every item has another item's content. `'blank'`: all items
 * have one and the same.
 */
export type ControlKind = 'permuted' | 'blank';

export const CONTROL_KINDS: readonly ControlKind[] = ['permuted', 'blank'];

/** The colour of every pixel of a blank picture: mid-grey. */
const BLANK_PIXEL = 128;

/**
 * A catalogue for a control. A model that is trained on it has all parts of the model with the real contents, so *real
 * − control* is what the contents bring, and nothing else.
 *
 * - `'permuted'`: image, title, document and categories of an item are those of the item that
 *   {@link contentPermutation} gives. Items are exchanged over the whole catalogue, so a cold item may have the content
 *   of one that was trained on.
 * - `'blank'`: every item has the same grey picture, and texts without a token, and no category.
 *
 * Titles are content, so queries that are made of them change too. Queries of the samples (`catalogue.queries`) belong
 * to users, and stay.
 *
 * @throws RangeError if contents of fewer than two items are to be permuted.
 */
export function controlCatalogue(catalogue: Catalogue, kind: ControlKind, seed: number): Catalogue {
  const { size, images, documents, titles, categories } = catalogue;
  if (kind === 'blank') {
    const pixels = new Uint8Array(images.pixels.length).fill(BLANK_PIXEL);
    return {
      ...catalogue,
      images: { ...images, pixels, present: new Uint8Array(size).fill(1) },
      documents: blankColumn(documents),
      titles: blankColumn(titles),
      ...(categories && { categories: ragged(Array.from({ length: size }, () => [])) }),
    };
  }
  const from = contentPermutation(size, seed);
  const pixelsPerImage = images.height * images.width * 3;
  return {
    ...catalogue,
    images: {
      ...images,
      pixels: permuteRows(images.pixels, pixelsPerImage, from),
      present: permuteRows(images.present, 1, from),
    },
    documents: permuteColumn(documents, from),
    titles: permuteColumn(titles, from),
    ...(categories && { categories: permuteLists(categories, from) }),
  };
}

/**
 * A random permutation of items that leaves none in its place (Sattolo's algorithm: one cycle over all). Use it for
 * everything that describes an item, so that all of a permuted item's content is one other item's.
 *
 * @returns `[size]`: the item whose content each item gets.
 * @throws RangeError if there are fewer than two items, or the seed is not a whole number from 0.
 */
export function contentPermutation(size: number, seed: number): Int32Array {
  if (!(Number.isSafeInteger(size) && size >= 2)) {
    throw new RangeError(`contentPermutation: expected at least 2 items, got ${size}`);
  }
  const random = seededRandom(deriveSeed(seed, 'contentPermutation'));
  const from = Int32Array.from({ length: size }, (_, item) => item);
  for (let last = size - 1; last > 0; last--) {
    const other = Math.floor(random() * last); // Below `last`, where Fisher and Yates have `last` too.
    [from[last], from[other]] = [from[other]!, from[last]!];
  }
  return from;
}

function permuteColumn({ ids, lengths, maxLength }: TextColumn, from: Int32Array): TextColumn {
  return { ids: permuteRows(ids, maxLength, from), lengths: permuteRows(lengths, 1, from), maxLength };
}

function blankColumn({ ids, lengths, maxLength }: TextColumn): TextColumn {
  return { ids: new Int32Array(ids.length), lengths: new Int32Array(lengths.length), maxLength };
}

function permuteLists({ offsets, ids }: Ragged, from: Int32Array): Ragged {
  return ragged(Array.from(from, (item) => ids.subarray(offsets[item]!, offsets[item + 1]!)));
}

/** Row `i` of the result is row `from[i]` of the values. */
function permuteRows<T extends Int32Array | Uint8Array>(values: T, width: number, from: Int32Array): T {
  const permuted = values.slice() as T;
  from.forEach((item, i) => {
    permuted.set(values.subarray(item * width, (item + 1) * width), i * width);
  });
  return permuted;
}
