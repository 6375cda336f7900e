import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it('runs the snippets of the README', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBe(4);
});
