import {
  assertAttributes,
  categoryColumn,
  decadeColumn,
  type ItemAttributes,
  noAttributes,
  rearrangeAttributes,
  wordBags,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';

/** The lists of ids as plain arrays. */
const listsOf = ({ offsets, ids }: { readonly offsets: Int32Array; readonly ids: Int32Array }) =>
  Array.from({ length: offsets.length - 1 }, (_, i) => [...ids.subarray(offsets[i], offsets[i + 1])]);

describe('categoryColumn', () => {
  it('numbers the categories by their sorted names, whatever the order of the items', () => {
    const { name, names, ofItem, inOverlap } = categoryColumn('genre', [['War', 'Drama'], [], ['Comedy', 'War']]);
    expect({ name, names, inOverlap }).toEqual({ name: 'genre', names: ['Comedy', 'Drama', 'War'], inOverlap: true });
    expect(listsOf(ofItem)).toEqual([[1, 2], [], [0, 2]]);
  });

  it('counts a repeated category once and an empty one not at all', () => {
    const { names, ofItem } = categoryColumn('genre', [['War', '', 'War'], ['']]);
    expect(names).toEqual(['War']);
    expect(listsOf(ofItem)).toEqual([[0], []]);
  });

  it('takes no items and refuses no name', () => {
    expect(listsOf(categoryColumn('genre', []).ofItem)).toEqual([]);
    expect(() => categoryColumn('', [])).toThrow('categoryColumn: expected a name, got ""');
  });
});

describe('decadeColumn', () => {
  it('gives each year its decade, and an unknown one a category of its own', () => {
    const { name, names, ofItem, inOverlap } = decadeColumn([1999, undefined, 1990, 2000]);
    expect({ name, names, inOverlap }).toEqual({
      name: 'decade',
      names: ['1990s', '2000s', 'unknown'],
      inOverlap: false,
    });
    expect(listsOf(ofItem)).toEqual([[0], [2], [0], [1]]);
  });

  it('refuses what is no year', () => {
    expect(() => decadeColumn([1999, 19.5])).toThrow('expected whole years from 0, got 19.5 for item 1');
    expect(() => decadeColumn([Number.NaN])).toThrow('got NaN for item 0');
  });
});

describe('wordBags', () => {
  it('holds the distinct words of each text in lower case, without signs', () => {
    expect(listsOf(wordBags(["Toy Story (1995): a toy's story", '', 'STORY of 1995']))).toEqual([
      [0, 1, 2, 3, 4],
      [],
      [1, 2, 5],
    ]);
  });

  it('keeps letters of every script together with their accents, however they are written', () => {
    expect(listsOf(wordBags(['Amélie', 'Ame\u0301lie', 'मूवी 電影', 'amélie मूवी']))).toEqual([[0], [0], [1, 2], [0, 1]]);
  });

  it('takes another idea of a word', () => {
    expect(listsOf(wordBags(['Amélie 2', 'le am'], { word: /[a-z]+/g }))).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(() => wordBags(['a'], { word: /a/ })).toThrow(TypeError);
  });
});

describe('assertAttributes', () => {
  const genres = categoryColumn('genre', [['War'], ['Drama', 'War']]);
  const words = wordBags(['a b', 'c']);
  const check = (attributes: Partial<ItemAttributes>, numItems = 2) =>
    assertAttributes('here', { categories: [genres], words, ...attributes }, numItems);

  it('accepts attributes of the builders, and none', () => {
    check({});
    assertAttributes('here', noAttributes(7), 7);
  });

  it('refuses another number of items, equal names, and ids out of range or order', () => {
    expect(() => check({}, 3)).toThrow('here: expected column "genre" of 3 items, got 2');
    expect(() => check({ words: wordBags(['a']) })).toThrow('here: expected words of 2 items, got 1');
    expect(() => check({ categories: [genres, genres] })).toThrow('expected distinct columns, got "genre" twice');
    const offsets = Int32Array.of(0, 1, 3);
    const withIds = (...ids: number[]) => ({
      categories: [{ ...genres, ofItem: { offsets, ids: Int32Array.from(ids) } }],
    });
    const expectation = 'expected ascending ids in [0, 2) in column "genre" of item';
    expect(() => check(withIds(1, 0, 2))).toThrow(`${expectation} 1, got 2 at 1`);
    expect(() => check(withIds(-1, 0, 1))).toThrow(`${expectation} 0, got -1 at 0`);
    expect(() => check(withIds(0, 1, 1))).toThrow(`${expectation} 1, got 1 at 1`);
    expect(() => check(withIds(0, 1))).toThrow('expected offsets of column "genre" from 0 to 2, got 0 and 3');
    const falling = { offsets: Int32Array.of(0, 3, 2), ids: Int32Array.of(0, 1) };
    const lowered = { offsets: Int32Array.of(0, 2, 1, 2), ids: Int32Array.of(0, 1) };
    expect(() => assertAttributes('here', { categories: [], words: lowered }, 3)).toThrow('got 1 after 2');
    expect(() => check({ words: falling })).toThrow('offsets of words that never decrease, up to 2, got 3 after 0');
  });
});

describe('rearrangeAttributes', () => {
  const attributes: ItemAttributes = {
    categories: [categoryColumn('genre', [['War'], [], ['Drama', 'War']]), decadeColumn([1990, 2000, undefined])],
    words: wordBags(['a b', 'c', '']),
  };
  const listsFrom = (...from: number[]) => {
    const { categories, words } = rearrangeAttributes(attributes, Int32Array.from(from));
    return [...categories.map(({ ofItem }) => listsOf(ofItem)), listsOf(words)];
  };

  it('gives every item all lists of the item that it names, and an item without one empty lists', () => {
    expect(listsFrom(2, 0, 1)).toEqual([
      [[0, 1], [1], []],
      [[2], [0], [1]],
      [[], [0, 1], [2]],
    ]);
    expect(listsFrom(0, 0, -1)).toEqual([
      [[1], [1], []],
      [[0], [0], []],
      [[0, 1], [0, 1], []],
    ]);
  });

  it('is undone by the opposite exchange, and keeps names, numbers of categories and the attributes given', () => {
    const before = structuredClone(attributes);
    const exchanged = rearrangeAttributes(attributes, Int32Array.of(2, 0, 1));
    expect(rearrangeAttributes(exchanged, Int32Array.of(1, 2, 0))).toEqual(attributes);
    const described = ({ categories }: ItemAttributes) => categories.map(({ ofItem: _, ...column }) => column);
    expect(described(exchanged)).toEqual(described(attributes));
    expect(attributes).toEqual(before);
    expect(() => assertAttributes('here', exchanged, 3)).not.toThrow();
  });

  it('refuses another number of items, and items that do not exist', () => {
    expect(() => listsFrom(1, 0)).toThrow('rearrangeAttributes: expected items for 3 items, got 2');
    for (const item of [3, -2]) {
      expect(() => listsFrom(0, item, 1)).toThrow(
        `rearrangeAttributes: expected items from -1 to 2, got ${item} for item 1`,
      );
    }
  });
});
