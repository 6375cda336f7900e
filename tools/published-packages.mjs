// The published packages, which are all of `packages/*`, and their READMEs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { root } from './pinned-pnpm.mjs';

/** @returns {{ name: string, source: string }[]} ordered by folder. */
export function publishedPackages(repository = root) {
  const folder = path.join(repository, 'packages');
  return readdirSync(folder)
    .map((entry) => path.join(folder, entry))
    .filter((source) => existsSync(path.join(source, 'package.json')))
    .map((source) => ({ name: readJson(path.join(source, 'package.json')).name, source }));
}

/**
 * Reads a package's README as its users do.
 *
 * @returns {{ install: string[], programs: string[] }} the packages of its first `npm install` line, and its `ts`
 *   blocks.
 * @throws Error if the README lacks either, or if a block imports a package that the install line does not name.
 */
export function readReadme(source) {
  const text = readFileSync(path.join(source, 'README.md'), 'utf8');
  const [, line] = /^```sh\r?\n(?:(?!```).*\r?\n)*?npm install (.+?)\r?\n/m.exec(text) ?? [];
  if (line === undefined) throw new Error('expected an "npm install" line in a sh block of README.md, got none');
  const install = line.replace(/#.*/, '').trim().split(/\s+/);
  const programs = [...text.matchAll(/^```ts\r?\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  if (programs.length === 0) throw new Error('expected a ts block in README.md, got none');
  const missing = new Set(programs.flatMap(importedPackages).filter((name) => !install.includes(name)));
  if (missing.size > 0) {
    throw new Error(
      `expected an install line that names every imported package, got one without ${[...missing].join(', ')}`,
    );
  }
  return { install, programs };
}

function importedPackages(code) {
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)]
    .map(([, specifier]) => specifier)
    .filter((specifier) => !isBuiltin(specifier) && !specifier.startsWith('.'))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)[0]);
}

export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
