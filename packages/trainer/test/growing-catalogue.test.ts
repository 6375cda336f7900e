import { GrowingCatalogue } from '@sifaka/trainer';
import { expect, test } from 'vitest';
import { makeCatalogue } from './small-world.js';

test('a growing catalogue keeps the ids of the items that it started with', () => {
  const itemIds = Array.from({ length: 40 }, (_, item) => `film ${item}`);
  expect(new GrowingCatalogue({ ...makeCatalogue(), itemIds }).itemIds).toEqual(itemIds);
  expect('itemIds' in new GrowingCatalogue(makeCatalogue())).toBe(false);
});
