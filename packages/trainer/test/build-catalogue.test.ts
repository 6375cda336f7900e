import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Tokenizer } from '@sifaka/encoders/node';
import { buildCatalogue, type RawItem } from '@sifaka/trainer';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';

const makeFolder = folderMaker();

async function picture(folder: string, name: string, r: number, g: number, b: number): Promise<string> {
  const file = path.join(folder, name);
  await sharp({ create: { width: 60, height: 90, channels: 3, background: { r, g, b } } })
    .png()
    .toFile(file);
  return file;
}

async function encode(tokenizer: Tokenizer, text: string): Promise<Int32Array> {
  const { ids, lengths } = await tokenizer.encodeBatch([text], { maxLength: 100 });
  return ids.slice(0, lengths[0]);
}

/** Items with and without title, text and image, and with every kind of broken image. */
async function rawItems(folder: string): Promise<RawItem[]> {
  const red = await picture(folder, 'red.png', 250, 10, 20);
  const cut = path.join(folder, 'cut.jpg');
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 2_654_435_761) >>> 24);
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  writeFileSync(cut, whole.subarray(0, whole.length >> 1));
  const empty = path.join(folder, 'empty.png');
  writeFileSync(empty, '');
  const words = path.join(folder, 'words.png');
  writeFileSync(words, 'not a picture');
  return [
    { title: 'Red Square', text: 'a film about a red square', image: red },
    { title: 'Cut Short', text: 'half a poster', image: cut },
    { title: 'Empty', text: '', image: empty },
    { title: 'Words', image: words },
    { title: '  ', text: undefined, image: path.join(folder, 'missing.png') },
    { text: 'only a description, no title and no poster' },
    {},
  ];
}

const SIZES = { imageHeight: 6, imageWidth: 4, documentLength: 5, titleLength: 2, vocabularySize: 300 };

describe('buildCatalogue', () => {
  test('counts missing and broken images and missing texts, and builds everything else', async () => {
    const items = await rawItems(makeFolder());
    const { catalogue, counts, brokenImages } = await buildCatalogue(items, { vocabularyItems: [0, 1, 2], ...SIZES });
    expect(counts).toEqual({ images: { ok: 1, missing: 3, broken: 3 }, texts: { ok: 5, missing: 2 } });
    expect(brokenImages.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'truncated'],
      [2, 'empty'],
      [3, 'unreadable'],
    ]);
    const { images, documents, titles } = catalogue;
    expect([...images.present]).toEqual([1, 0, 0, 0, 0, 0, 0]);
    expect([images.height, images.width, images.pixels.length]).toEqual([6, 4, 7 * 6 * 4 * 3]);
    expect([...images.pixels.subarray(0, 72)]).toEqual(Array.from({ length: 24 }, () => [250, 10, 20]).flat());
    expect(images.pixels.subarray(72).every((value) => value === 0)).toBe(true);
    expect([documents.maxLength, documents.ids.length, titles.maxLength, titles.ids.length]).toEqual([5, 35, 2, 14]);
    expect(Array.from(documents.lengths, (length) => length > 0)).toEqual([true, true, true, true, false, true, false]);
    expect(Array.from(titles.lengths, (length) => length > 0)).toEqual([true, true, true, true, false, false, false]);
    expect(documents.lengths[0]).toBe(5); // Cut.
  });

  test('makes a document of title, separator and text, with the tokenizer’s tokens', async () => {
    const items = await rawItems(makeFolder());
    const { catalogue, tokenizer } = await buildCatalogue(items, {
      vocabularyItems: [0, 1, 2],
      ...SIZES,
      documentLength: 40,
    });
    const { documents, size, format, vocabularySize } = catalogue;
    const [separator] = format.between;
    const of = (item: number) => [...documents.ids.subarray(item * 40, item * 40 + documents.lengths[item]!)];
    const titleOf = async (item: number) => (await encode(tokenizer, items[item]!.title!)).slice(0, SIZES.titleLength);
    const textOf = async (item: number) => encode(tokenizer, items[item]!.text!);
    expect(of(0)).toEqual([...(await titleOf(0)), separator, ...(await textOf(0))]);
    expect(items[3]!.text).toBeUndefined();
    expect(of(3)).toEqual([...(await titleOf(3))]);
    expect(items[5]!.title).toBeUndefined();
    expect(of(5)).toEqual([separator, ...(await textOf(5))].slice(0, 40));
    expect(of(6)).toEqual([]);
    expect([size, format, vocabularySize]).toEqual([7, tokenizer.format, tokenizer.vocabularySize]);
  });

  test('learns the vocabulary from the vocabulary items alone', async () => {
    const items = [
      { title: 'the forest, the forest and the forest' },
      { title: 'zyzzyva zyzzyva zyzzyva zyzzyva zyzzyva' },
    ];
    const tokens = async (list: RawItem[], vocabularyItems: number[]) => {
      const { tokenizer } = await buildCatalogue(list, { vocabularyItems, ...SIZES });
      return { json: tokenizer.toJSON(), unseen: (await encode(tokenizer, 'zyzzyva')).length };
    };
    const forest = await tokens(items, [0]);
    const both = await tokens(items, [0, 1]);
    expect(both.unseen).toBeLessThan(forest.unseen);
    // The texts of other items do not matter.
    expect(await tokens([items[0]!, { title: 'quite another text' }, { title: 'more' }], [0])).toEqual(forest);
  });

  describe('queries', () => {
    const items = [{ title: 'the forest, the forest and the forest' }];
    const queries = ['zyzzyva zyzzyva zyzzyva', 'the forest', '', 'zyzzyva zyzzyva zyzzyva'];

    test('are tokenized by query id and cut; a catalogue without queries has no column', async () => {
      const { catalogue, tokenizer } = await buildCatalogue(items, {
        vocabularyItems: [0],
        ...SIZES,
        queries,
        queryLength: 4,
      });
      const { ids, lengths, maxLength } = catalogue.queries!;
      const row = (id: number) => [...ids.subarray(id * maxLength, id * maxLength + lengths[id]!)];
      expect([maxLength, ids.length, lengths[2]]).toEqual([4, 16, 0]);
      expect(row(1)).toEqual([...(await encode(tokenizer, 'the forest'))]);
      expect(row(0)).toEqual([...(await encode(tokenizer, queries[0]!))].slice(0, 4));
      expect(row(3)).toEqual(row(0));
      expect((await buildCatalogue(items, { vocabularyItems: [0], ...SIZES })).catalogue.queries).toBeUndefined();
    });

    test('have at most ten tokens by default, as in LEMUR', async () => {
      const { catalogue } = await buildCatalogue(items, { vocabularyItems: [0], queries: ['a b c d e f g h i j k l'] });
      expect([catalogue.queries!.maxLength, catalogue.queries!.lengths[0]]).toEqual([10, 10]);
    });

    test('add to the vocabulary if they are vocabulary queries', async () => {
      const json = async (texts: string[], vocabularyQueries: number[]) => {
        const options = { vocabularyItems: [0], ...SIZES, queries: texts, vocabularyQueries };
        return (await buildCatalogue(items, options)).tokenizer.toJSON();
      };
      const none = await json(queries, []);
      expect(await json(['quite', 'another'], [])).toBe(none);
      expect(await json(queries, [-1, 2])).toBe(none);
      const learned = await json(queries, [0, -1, 0, 3]);
      expect(learned).not.toBe(none);
      expect(await json([queries[0]!, 'a query after train'], [0])).toBe(learned);
      await expect(json(queries, [4])).rejects.toThrow(
        new RangeError('buildCatalogue: expected vocabularyQueries below 4, got 4'),
      );
    });
  });

  test('uses a given tokenizer', async () => {
    const items = await rawItems(makeFolder());
    const first = await buildCatalogue(items, { vocabularyItems: [0, 1], ...SIZES });
    const again = await buildCatalogue(items, { vocabularyItems: [], tokenizer: first.tokenizer, ...SIZES });
    expect(again.tokenizer).toBe(first.tokenizer);
    expect(again.catalogue).toEqual(first.catalogue);
  });

  test('reads images from its cache unchanged, and reports progress only for decoded ones', async () => {
    const folder = makeFolder();
    const items = await rawItems(folder);
    const imageCacheFile = path.join(folder, 'cache', 'images');
    const progress: [done: number, total: number][] = [];
    const build = () =>
      buildCatalogue(items, {
        vocabularyItems: [0],
        ...SIZES,
        imageCacheFile,
        onProgress: (done, total) => progress.push([done, total]),
      });
    const first = await build();
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7].map((done) => [done, 7]));
    expect(existsSync(imageCacheFile)).toBe(true);
    const again = await build();
    expect(progress.length).toBe(7);
    expect(again.catalogue).toEqual(first.catalogue);
    expect(again.counts).toEqual(first.counts);
    expect(again.brokenImages).toEqual(first.brokenImages);
  });

  test('has images in the shape of a poster and 16 tokens of text by default', async () => {
    const { catalogue } = await buildCatalogue([{ title: 'one' }], { vocabularyItems: [0] });
    const { images, documents, titles } = catalogue;
    expect([images.height, images.width, documents.maxLength, titles.maxLength]).toEqual([48, 32, 16, 8]);
  });

  test('refuses to learn a vocabulary from no text', async () => {
    await expect(buildCatalogue([{ title: '' }, { title: 'cold' }], { vocabularyItems: [0] })).rejects.toThrow(
      /TextTokenizer/,
    );
  });
});

describe('buildCatalogue refuses', () => {
  const build = (items: unknown, options: object) =>
    buildCatalogue(items as RawItem[], { vocabularyItems: [0], ...options });

  test.each([
    [{ imageHeight: 0 }, 'imageHeight to be a whole number from 1, got 0'],
    [{ imageWidth: 1.5 }, 'imageWidth to be a whole number from 1, got 1.5'],
    [{ documentLength: Number.NaN }, 'documentLength to be a whole number from 1, got NaN'],
    [{ titleLength: -1 }, 'titleLength to be a whole number from 1, got -1'],
    [{ queryLength: 0 }, 'queryLength to be a whole number from 1, got 0'],
    [{ vocabularyItems: [0, 2] }, 'vocabularyItems below 2, got 2'],
  ])('%o', async (options, message) => {
    await expect(build([{ title: 'a' }, { title: 'b' }], options)).rejects.toThrow(
      `buildCatalogue: expected ${message}`,
    );
  });

  test('content that is not text, by position', async () => {
    for (const name of ['title', 'text', 'image']) {
      await expect(build([{ title: 'a' }, { [name]: 1984 }], {})).rejects.toThrow(
        `buildCatalogue: item 1: expected ${name} to be text, got number`,
      );
    }
  });
});
