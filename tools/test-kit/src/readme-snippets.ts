import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The `ts` code blocks of a Markdown text, in order. */
export function readmeSnippets(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
}

/**
 * Runs every `ts` block of a package's README as a separate module.
 *
 * A block is a complete program with imports. It fails by throwing, for example with `node:assert/strict`.
 *
 * @param testFile `import.meta.url` of a test in `packages/NAME/test/`.
 * @param readme the file to run. Default: the package's README.
 * @returns the number of blocks.
 */
export async function runReadmeSnippets(testFile: string, readme?: URL): Promise<number> {
  const packageFolder = path.dirname(path.dirname(fileURLToPath(testFile)));
  const markdown = readme ? fileURLToPath(readme) : path.join(packageFolder, 'README.md');
  const snippets = readmeSnippets(readFileSync(markdown, 'utf8'));
  if (snippets.length === 0) throw new Error(`${markdown} has no ts block`);
  // The folder is inside the package, so that imports resolve like the package's own.
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
