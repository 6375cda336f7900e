import { engineFolder } from './engine-folder.js';
import type { EngineName } from './engines.js';

/**
 * Imports a package that is the application's choice and may be absent. Looked for in the folder that the program runs in (this package
 * may lie elsewhere, as it does under `npx`), then beside this package, then where `sifaka-backend install` keeps the engine.
 *
 * @throws the module loader's own error where the package is nowhere, or is there and does not load.
 */
export async function importPackage(engine: EngineName, packageName: string): Promise<unknown> {
  if (globalThis.process?.versions?.node === undefined) return import(/* @vite-ignore */ packageName);
  return import(/* @vite-ignore */ locatePackage(engine, packageName) ?? packageName);
}

/** The file that {@link importPackage} would import, as a URL; `undefined` where the package is nowhere. For Node only. */
export function locatePackage(engine: EngineName, packageName: string): string | undefined {
  return (
    resolveFrom(`${process.cwd()}/`, packageName) ??
    resolveFrom(import.meta.url, packageName) ??
    resolveFrom(`${engineFolder(engine)}/`, packageName)
  );
}

function resolveFrom(place: string, packageName: string): string | undefined {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  try {
    return pathToFileURL(createRequire(place).resolve(packageName)).href;
  } catch {
    return undefined; // Not there; the last import says so in its own words.
  }
}
