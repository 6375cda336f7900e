import { runReadmeSnippets } from '@sifaka/test-kit';
import { expect, it } from 'vitest';

it('runs every snippet of the README', async () => {
  expect(await runReadmeSnippets(import.meta.url)).toBeGreaterThan(0);
});
