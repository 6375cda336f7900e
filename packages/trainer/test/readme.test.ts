import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, test } from 'vitest';

test('the snippets of the README run', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBe(5);
});
