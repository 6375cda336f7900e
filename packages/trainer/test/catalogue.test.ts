import { type Catalogue, readContents } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';

const CLS = 2;
const SEP = 3;

/** Four items of 1 × 2 pixels. Item 2 has neither image nor text, item 3 the longest text. */
const CATALOGUE: Catalogue = {
  size: 4,
  vocabularySize: 50,
  format: { start: [CLS], between: [SEP], end: [], padding: 0, types: [0, 1] },
  images: {
    pixels: Uint8Array.from({ length: 4 * 6 }, (_, k) => (k >= 12 && k < 18 ? 0 : k)),
    height: 1,
    width: 2,
    present: Uint8Array.of(1, 1, 0, 1),
  },
  documents: {
    ids: Int32Array.of(10, 11, 0, 20, 0, 0, 0, 0, 0, 40, SEP, 42),
    lengths: Int32Array.of(2, 1, 0, 3),
    maxLength: 3,
  },
  titles: { ids: Int32Array.of(10, 0, 20, 0, 0, 0, 40, 0), lengths: Int32Array.of(1, 1, 0, 1), maxLength: 2 },
};

describe('readContents', () => {
  test('gathers images and texts by item: the classification token, title, separator and, of type 1, text', () => {
    expect(readContents(CATALOGUE, [3, 0])).toEqual({
      count: 2,
      pixels: Uint8Array.of(18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5),
      imagePresent: Float32Array.of(1, 1),
      text: {
        ids: Int32Array.of(CLS, 40, SEP, 42, CLS, 10, 11, 0),
        length: 4,
        lengths: Int32Array.of(4, 3),
        types: Int32Array.of(0, 0, 0, 1, 0, 0, 0, 0),
      },
    });
  });

  test('pads texts to the longest of those that are read', () => {
    expect(readContents(CATALOGUE, [1, 0]).text).toEqual({
      ids: Int32Array.of(CLS, 20, 0, CLS, 10, 11),
      length: 3,
      lengths: Int32Array.of(2, 3),
      types: new Int32Array(6),
    });
  });

  test('gives an item without image and text zeros and the classification token', () => {
    expect(readContents(CATALOGUE, [2])).toEqual({
      count: 1,
      pixels: new Uint8Array(6),
      imagePresent: Float32Array.of(0),
      text: { ids: Int32Array.of(CLS), length: 1, lengths: Int32Array.of(1), types: Int32Array.of(0) },
    });
  });

  test('of no items is empty', () => {
    const { count, pixels, text } = readContents(CATALOGUE, []);
    expect([count, pixels.length, text.ids.length, text.lengths.length]).toEqual([0, 0, 0, 0]);
  });
});
