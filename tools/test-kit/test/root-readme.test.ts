import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it("runs the repository's README", async () => {
  expect(await runReadmeSnippets(import.meta.url, new URL('../../../README.md', import.meta.url))).toBe(1);
});
