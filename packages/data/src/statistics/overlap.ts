import type { ItemAttributes } from '../attributes/item-attributes.js';
import { listEnd, listStart, type Ragged } from '../attributes/ragged.js';
import { LIKES_KEPT, type UserRecord } from './user-record.js';

/**
 * Writes the block `overlap`: what the item has in common with the user's last 20 liked items.
 *
 * Columns: 1 if there is a liked item; the Jaccard similarity of words (shared over all) with the most similar of them,
 * with the last one, and in the mean; the same of categories. All 0 without a liked item.
 */
export class Overlap {
  readonly #words: SetSimilarity;
  readonly #categories: SetSimilarity;
  readonly #row = { items: new Int32Array(LIKES_KEPT), offset: 0, length: LIKES_KEPT, skip: 0 };

  /** @param columns the category columns, with ids that are unique over all columns */
  constructor({ words, categories }: ItemAttributes, columns: readonly Ragged[]) {
    this.#words = new SetSimilarity([words]);
    this.#categories = new SetSimilarity(columns.filter((_, column) => categories[column]!.inOverlap ?? true));
  }

  write({ liked }: UserRecord, item: number, time: number, target: Float32Array, offset: number): void {
    const count = liked.write(time, this.#row);
    target[offset] = count > 0 ? 1 : 0;
    this.#words.write(item, this.#row.items, count, target, offset + 1);
    this.#categories.write(item, this.#row.items, count, target, offset + 4);
  }
}

/** The Jaccard similarity of items as sets of ids. */
class SetSimilarity {
  readonly #sets: readonly Ragged[];
  /** By id: 1 if the present item has it. */
  readonly #marks: Uint8Array;

  constructor(sets: readonly Ragged[]) {
    this.#sets = sets;
    this.#marks = new Uint8Array(
      sets.reduce((size, { ids }) => ids.reduce((most, id) => Math.max(most, id + 1), size), 0),
    );
  }

  /** Writes the largest similarity with the others, that with the first, and the mean. */
  write(item: number, others: Int32Array, count: number, target: Float32Array, offset: number): void {
    const size = this.#mark(item, 1);
    let [most, first, sum] = [0, 0, 0];
    for (let k = 0; k < count; k++) {
      const similarity = this.#similarity(size, others[k]!);
      if (k === 0) first = similarity;
      if (similarity > most) most = similarity;
      sum += similarity;
    }
    this.#mark(item, 0);
    target[offset] = most;
    target[offset + 1] = first;
    target[offset + 2] = count > 0 ? sum / count : 0;
  }

  /** @returns the number of ids of the item. */
  #mark(item: number, value: 0 | 1): number {
    let size = 0;
    for (const set of this.#sets) {
      const start = listStart(set, item);
      const end = listEnd(set, item);
      for (let k = start; k < end; k++) this.#marks[set.ids[k]!] = value;
      size += end - start;
    }
    return size;
  }

  /** Of the marked item, which has `size` ids, and another one. Two empty sets have nothing in common. */
  #similarity(size: number, other: number): number {
    let shared = 0;
    let all = size;
    for (const set of this.#sets) {
      const start = listStart(set, other);
      const end = listEnd(set, other);
      for (let k = start; k < end; k++) shared += this.#marks[set.ids[k]!]!;
      all += end - start;
    }
    return all === 0 ? 0 : shared / (all - shared);
  }
}
