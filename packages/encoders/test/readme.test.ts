import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, test } from 'vitest';

test('every snippet of the README runs', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBeGreaterThan(0);
});
