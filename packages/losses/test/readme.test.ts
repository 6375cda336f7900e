import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it('the README runs as written', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBe(1);
});
