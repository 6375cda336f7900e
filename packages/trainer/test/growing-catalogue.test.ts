import { GrowingCatalogue } from '@sifaka/trainer';
import { expect, test } from 'vitest';
import { makeCatalogue } from './small-world.js';

test('a growing catalogue keeps the ids of the items that it started with', () => {
  const itemIds = Array.from({ length: 40 }, (_, item) => `film ${item}`);
  expect(new GrowingCatalogue({ ...makeCatalogue(), itemIds }).itemIds).toEqual(itemIds);
  expect('itemIds' in new GrowingCatalogue(makeCatalogue())).toBe(false);
});

test('a growing catalogue refuses contents whose special tokens are others, and stays as it was', () => {
  const start = makeCatalogue();
  const growing = new GrowingCatalogue(start);
  const contents = makeCatalogue({ size: 2, seed: 9 });
  growing.replace(3, contents, 1);
  const [before, titles] = [growing.documents.ids.slice(), growing.titles.ids.slice()];
  const { format } = contents;
  const others = [
    [{ ...format, end: [3] }, '16 tokens, 2 begins, 3 separates, 3 ends'],
    [{ ...format, start: [] }, '16 tokens,  begins, 3 separates'],
    [{ ...format, fixedLength: 8 }, '16 tokens, 2 begins, 3 separates, 0 fills 8'],
  ] as const;
  for (const [other, described] of others) {
    expect(() => growing.replace(3, { ...contents, format: other }, 0)).toThrow(
      'GrowingCatalogue.replace: expected images of 16 × 16, documents of 3 and titles of 2 tokens (16 tokens, 2 ' +
        'begins, 3 separates), got images of 16 × 16, documents of 3 and titles of 2 tokens ' +
        `(${described})`,
    );
  }
  expect([growing.documents.ids, growing.titles.ids]).toEqual([before, titles]);
});
