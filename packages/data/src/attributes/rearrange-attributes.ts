import type { ItemAttributes } from './item-attributes.js';
import { listEnd, listStart, type Ragged, ragged } from './ragged.js';

/**
 * Gives every item the attributes of another one, or none.
 *
 * @param from `[numItems]`: the item that each one gets its attributes from; −1: it gets none
 */
export function rearrangeAttributes({ categories, words }: ItemAttributes, from: Int32Array): ItemAttributes {
  return {
    categories: categories.map((column) => ({ ...column, ofItem: rearrange(column.ofItem, from) })),
    words: rearrange(words, from),
  };
}

function rearrange(lists: Ragged, from: Int32Array): Ragged {
  const none = new Int32Array(0);
  return ragged(
    Array.from(from, (item) => (item < 0 ? none : lists.ids.subarray(listStart(lists, item), listEnd(lists, item)))),
  );
}
