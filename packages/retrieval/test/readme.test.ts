import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it('runs what the README shows', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBe(1);
});
