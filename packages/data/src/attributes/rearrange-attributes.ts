import type { ItemAttributes } from './item-attributes.js';
import { listEnd, listStart, type Ragged, ragged } from './ragged.js';

/**
 * Gives every item the attributes of another one, or none.
 *
 * @param from `[numItems]`: the item that each one gets its attributes from; −1: it gets none
 * @throws RangeError if it is of another number of items, or names one that does not exist.
 */
export function rearrangeAttributes({ categories, words }: ItemAttributes, from: Int32Array): ItemAttributes {
  const numItems = words.offsets.length - 1;
  if (from.length !== numItems) {
    throw new RangeError(`rearrangeAttributes: expected items for ${numItems} items, got ${from.length}`);
  }
  const wrong = from.findIndex((item) => item < -1 || item >= numItems);
  if (wrong !== -1) {
    const expected = `items from -1 to ${numItems - 1}`;
    throw new RangeError(`rearrangeAttributes: expected ${expected}, got ${from[wrong]} for item ${wrong}`);
  }
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
