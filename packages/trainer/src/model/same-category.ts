import type { Ragged } from '@sifaka/data';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { ReaderOptions } from './reader-options.js';
import type { Sequence } from './sequences.js';

/** Whether a reader searches a sequence for the candidate's category. */
export function searchesCategories(reader: ReaderOptions | undefined): boolean {
  return reader?.kind === 'sim' && reader.search.kind === 'hard';
}

/** @throws RangeError if a reader searches for categories and the catalogue has none. */
export function assertCategories(
  where: string,
  { categories, size }: Pick<Catalogue, 'categories' | 'size'>,
  sequences: readonly Sequence[],
): void {
  const searching = sequences.find(({ ids, vectors }) => searchesCategories(ids) || searchesCategories(vectors));
  if (searching === undefined) return;
  const items = categories === undefined ? undefined : categories.offsets.length - 1;
  if (items === size) return;
  throw new RangeError(
    `${where}: expected a catalogue with the categories of ${size} items for the hard search of sequence ` +
      `${searching.name}, got ${items === undefined ? 'none' : items} (pass categories: column.ofItem to buildCatalogue)`,
  );
}

/**
 * Compares the candidate of each row with the items of its sequence.
 *
 * @param categories the category ids of each item, ascending
 * @param candidates `[B]`
 * @param items `[B · L]`; negative ids have no category
 * @returns `[B, L]`: 1 for an item that shares a category with the candidate, else 0.
 */
export function sameCategory({ offsets, ids }: Ragged, candidates: Int32Array, items: Int32Array): Tensor2D {
  const length = items.length / candidates.length;
  const shares = (a: number, b: number) => {
    if (a < 0 || b < 0) return false;
    let [i, k] = [offsets[a]!, offsets[b]!];
    while (i < offsets[a + 1]! && k < offsets[b + 1]!) {
      if (ids[i] === ids[k]) return true;
      if (ids[i]! < ids[k]!) i++;
      else k++;
    }
    return false;
  };
  const same = Float32Array.from(items, (item, at) => (shares(candidates[Math.floor(at / length)]!, item) ? 1 : 0));
  return tensor2d(same, [candidates.length, length]);
}
