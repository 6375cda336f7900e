import { quoted } from '../rows/quoted.js';
import type { CategoryColumn } from './category-column.js';
import { assertRagged, type Ragged } from './ragged.js';

/** What is known of the items beside their ids: categories and words. Every list may be empty. */
export interface ItemAttributes {
  /** Any number of columns, with different names. */
  readonly categories: readonly CategoryColumn[];
  /** The word ids of each item, ascending and distinct. */
  readonly words: Ragged;
}

/** Attributes of items of which nothing is known. */
export function noAttributes(numItems: number): ItemAttributes {
  return { categories: [], words: { offsets: new Int32Array(numItems + 1), ids: new Int32Array(0) } };
}

/**
 * Checks attributes that meet samples or a stream.
 *
 * @throws RangeError naming the column and the item, if a column has another number of items, ids are not ascending or
 *   out of their range, or two columns share a name.
 */
export function assertAttributes(where: string, { categories, words }: ItemAttributes, numItems: number): void {
  const names = new Set<string>();
  for (const { name, names: categoryNames, ofItem } of categories) {
    if (names.has(name)) throw new RangeError(`${where}: expected distinct columns, got ${quoted(name)} twice`);
    names.add(name);
    assertRagged(where, `column ${quoted(name)}`, ofItem, { lists: numItems, bound: categoryNames.length });
  }
  assertRagged(where, 'words', words, { lists: numItems, bound: 2 ** 31 });
}
