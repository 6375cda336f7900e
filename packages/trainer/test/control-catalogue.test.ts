import { type Catalogue, contentPermutation, controlCatalogue, lemur, readContents } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, ITEMS, makeCatalogue, modelMaker, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();

/** Some items have no image or no text, so that presence and lengths differ too. */
function uneven(): Catalogue {
  const catalogue = makeCatalogue();
  const { images, documents } = catalogue;
  return {
    ...catalogue,
    itemIds: Array.from({ length: ITEMS }, (_, item) => `item-${item}`),
    images: { ...images, present: images.present.map((_, item) => (item % 5 === 0 ? 0 : 1)) },
    documents: { ...documents, lengths: documents.lengths.map((_, item) => item % 4) },
    queries: { ids: Int32Array.of(4, 5), lengths: Int32Array.of(2), maxLength: 2 },
  };
}

describe('contentPermutation', () => {
  test('has every item once, and none in its place', () => {
    for (const size of [2, 3, 10, 501]) {
      for (const seed of [0, 1, 2]) {
        const from = contentPermutation(size, seed);
        expect([...from].sort((a, b) => a - b)).toEqual([...Array(size).keys()]);
        expect(from.some((item, i) => item === i)).toBe(false);
      }
    }
    expect([...contentPermutation(2, 1)]).toEqual([1, 0]);
  });

  test('has every other item equally often in a place', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 900; seed++) {
      const item = contentPermutation(4, seed)[0]!;
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3]);
    // Chi-squared with 2 degrees of freedom exceeds 13.8 with probability 0.001.
    expect([...counts.values()].reduce((sum, count) => sum + (count - 300) ** 2 / 300, 0)).toBeLessThan(13.8);
  });

  test('depends on the seed, and is the same in every release', () => {
    expect(contentPermutation(50, 2)).not.toEqual(contentPermutation(50, 1));
    expect([...contentPermutation(8, 1)]).toEqual([4, 7, 0, 5, 6, 1, 3, 2]);
  });

  test('is refused for fewer than two items', () => {
    expect(() => contentPermutation(1, 1)).toThrow('contentPermutation: expected at least 2 items, got 1');
  });
});

describe('controlCatalogue', () => {
  const catalogue = uneven();

  test('permuted: an item has the whole content of the item that contentPermutation gives', () => {
    const permuted = controlCatalogue(catalogue, 'permuted', 7);
    const from = contentPermutation(ITEMS, 7);
    const all = [...Array(ITEMS).keys()];
    expect(readContents(permuted, all)).toEqual(readContents(catalogue, from));
    const titles = (of: Catalogue, item: number) => [
      of.titles.lengths[item],
      ...of.titles.ids.subarray(item * of.titles.maxLength, (item + 1) * of.titles.maxLength),
    ];
    expect(all.map((item) => titles(permuted, item))).toEqual([...from].map((item) => titles(catalogue, item)));
  });

  test('blank: all items have the same picture and no text', () => {
    const blank = controlCatalogue(catalogue, 'blank', 7);
    const { pixels, imagePresent, text } = readContents(blank, [...Array(ITEMS).keys()]);
    expect(new Set(pixels).size).toBe(1);
    expect(new Set(imagePresent)).toEqual(new Set([1]));
    expect(text.ids).toEqual(new Int32Array(ITEMS).fill(catalogue.format.start[0]!));
    expect(new Set(blank.titles.lengths)).toEqual(new Set([0]));
    expect(new Set([...blank.titles.ids, ...blank.documents.ids])).toEqual(new Set([0]));
  });

  test('leaves ids, vocabulary, sizes and the queries of users, and the catalogue itself', () => {
    const before = structuredClone(catalogue);
    for (const kind of ['permuted', 'blank'] as const) {
      const { images, documents, titles, ...rest } = controlCatalogue(catalogue, kind, 7);
      const { images: realImages, documents: realDocuments, titles: realTitles, ...realRest } = catalogue;
      expect(rest).toEqual(realRest);
      expect([images.height, images.width, images.pixels.length]).toEqual([16, 16, realImages.pixels.length]);
      expect([documents.maxLength, titles.maxLength]).toEqual([realDocuments.maxLength, realTitles.maxLength]);
    }
    expect(catalogue).toEqual(before);
  });

  test('a model learns from either: its loss is finite, and blank items have one vector', () => {
    for (const kind of ['permuted', 'blank'] as const) {
      const model = makeModel(tinyLemur(), controlCatalogue(makeCatalogue(), kind, 1));
      const batch = batchOf([
        { item: 1, history: [2], recent: [[6, 0]] },
        { item: 3, user: 1, label: 1, history: [5, 7] },
        { item: 4, user: 2, label: 0 },
      ]);
      const training = trainingOf(model);
      for (let step = 0; step < 3; step++) {
        const { loss, skipped } = training.run(batch, { step });
        expect([Number.isFinite(loss), skipped]).toEqual([true, false]);
      }
      const vectors = model.encode(Int32Array.of(1, 3));
      const [first, second] = [vectors.subarray(0, vectors.length / 2), vectors.subarray(vectors.length / 2)];
      if (kind === 'blank') expect(second).toBeAllClose(first);
      else expect(second).not.toEqual(first);
    }
    expect(lemur().sqdc.centre).toBe(true); // Equal vectors less their mean are zero: the case that must stay finite.
  });
});
