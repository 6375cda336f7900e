import { ragged } from '@sifaka/data';
import { type Catalogue, contentPermutation, controlCatalogue, GrowingCatalogue } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { makeCatalogue } from './small-world.js';

const LISTS = [[0, 2], [], [1], [2], [0]];
const CATALOGUE: Catalogue = { ...makeCatalogue({ size: 5 }), categories: ragged(LISTS) };

const listsOf = ({ categories }: Pick<Catalogue, 'categories'>) => {
  const { offsets, ids } = categories!;
  return Array.from({ length: offsets.length - 1 }, (_, item) => [...ids.subarray(offsets[item]!, offsets[item + 1]!)]);
};

describe('categories of a catalogue', () => {
  test('are permuted with the contents, and absent in blank ones', () => {
    const from = contentPermutation(5, 3);
    expect(listsOf(controlCatalogue(CATALOGUE, 'permuted', 3))).toEqual(Array.from(from, (item) => LISTS[item]));
    expect(listsOf(controlCatalogue(CATALOGUE, 'blank', 3))).toEqual([[], [], [], [], []]);
    expect(controlCatalogue(makeCatalogue(), 'blank', 3).categories).toBeUndefined();
  });

  test('grow with it: a new item has none until another catalogue gives it some', () => {
    const growing = new GrowingCatalogue(CATALOGUE);
    expect(listsOf(growing)).toEqual(LISTS);
    expect(growing.append()).toBe(5);
    expect(listsOf(growing)).toEqual([...LISTS, []]);
    growing.replace(5, CATALOGUE, 0);
    expect(listsOf(growing)).toEqual([...LISTS, [0, 2]]);
    growing.replace(5, makeCatalogue({ size: 5 }), 1); // Contents alone leave the categories as they are.
    expect(listsOf(growing)).toEqual([...LISTS, [0, 2]]);
    expect('categories' in new GrowingCatalogue(makeCatalogue())).toBe(false);
  });
});
