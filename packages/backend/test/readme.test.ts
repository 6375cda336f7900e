import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it('the program in the README runs', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBe(1);
});
