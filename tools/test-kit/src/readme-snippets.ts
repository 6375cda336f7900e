import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The ```ts blocks of a Markdown text, in order. */
export function readmeSnippets(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
}

/**
 * Runs every `ts` block of the README beside the calling test's package, each as a module of its own.
 *
 * A block is a program as a user would write it, imports included; it fails by throwing (`assert` from `node:assert/strict`).
 *
 * @param testFile `import.meta.url` of a test in `packages/NAME/test/`.
 * @returns how many blocks ran.
 */
export async function runReadmeSnippets(testFile: string): Promise<number> {
  const packageFolder = path.dirname(path.dirname(fileURLToPath(testFile)));
  const snippets = readmeSnippets(readFileSync(path.join(packageFolder, 'README.md'), 'utf8'));
  if (snippets.length === 0) throw new Error(`${packageFolder}/README.md has no ts block`);
  // Inside the package, so that the block's imports resolve as the package's own do.
  const folder = mkdtempSync(path.join(packageFolder, 'test', '.readme-'));
  try {
    for (const [i, code] of snippets.entries()) {
      const file = path.join(folder, `snippet-${i}.ts`);
      writeFileSync(file, code);
      await import(/* @vite-ignore */ pathToFileURL(file).href);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return snippets.length;
}
