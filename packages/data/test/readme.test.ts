import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it('the README’s programs run', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBe(3);
});
