import { createRequire } from 'node:module';
import type * as Hub from '@huggingface/hub';
import type Sharp from 'sharp';
import type * as Tokenizers from 'tokenizers';
import { MissingPackageError } from './missing-package-error.js';

// Not `import()`, because `TextTokenizer.fromJSON` is synchronous.
const require = createRequire(import.meta.url);

/** @throws {@link MissingPackageError} unless `sharp` is installed and loads. */
export function loadSharp(where: string): typeof Sharp {
  return load(where, 'sharp');
}

/** @throws {@link MissingPackageError} unless `tokenizers` is installed and loads. */
export function loadTokenizers(where: string): typeof Tokenizers {
  return load(where, 'tokenizers');
}

/** @throws {@link MissingPackageError} unless `@huggingface/hub` is installed and loads. */
export function loadHub(where: string): typeof Hub {
  return load(where, '@huggingface/hub');
}

/** @returns the file of `sharp`, for another process to load. */
export function sharpFile(where: string): string {
  loadSharp(where);
  return resolve(where, 'sharp');
}

/** @returns the file of `tokenizers`, for another process to load. */
export function tokenizersFile(where: string): string {
  loadTokenizers(where);
  return resolve(where, 'tokenizers');
}

function load<Library>(where: string, name: string): Library {
  const file = resolve(where, name);
  try {
    return require(file);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new MissingPackageError(where, name, `does not load (${reason})`, { cause });
  }
}

function resolve(where: string, name: string): string {
  try {
    return require.resolve(name);
  } catch (cause) {
    throw new MissingPackageError(where, name, 'is not installed', { cause });
  }
}
