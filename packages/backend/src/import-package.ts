import type { EngineName } from './engine-descriptions.js';
import { inNode } from './in-node.js';
import { installationFolder } from './installation-folder.js';

/**
 * Imports an optional package of an engine. Node looks for it in three folders: the working folder (under `npx`, this
 * package is elsewhere), beside this package, and where `sifaka-backend install` keeps the engine.
 *
 * @throws the module loader's own error if the package is missing or does not load.
 */
export async function importPackage(engine: EngineName, packageName: string): Promise<unknown> {
  const specifier = (inNode() ? locatePackage(engine, packageName) : undefined) ?? packageName;
  return import(/* @vite-ignore */ /* webpackIgnore: true */ specifier);
}

/**
 * The file that {@link importPackage} would import, as a URL; `undefined` if the package is not installed. Node only.
 */
export function locatePackage(engine: EngineName, packageName: string): string | undefined {
  for (const from of packageSources(engine)) {
    const file = resolveFrom(from, packageName);
    if (file !== undefined) return process.getBuiltinModule('node:url').pathToFileURL(file).href;
  }
  return undefined; // The import then fails with the loader's own message.
}

/** Folders, or files in them, from which an engine's packages are resolved, in this order. Node only. */
export function packageSources(engine: EngineName): readonly string[] {
  return [`${process.cwd()}/`, import.meta.url, `${installationFolder(engine)}/`];
}

/**
 * The absolute path to which `request` resolves in a module at `from`; `undefined` if it does not. Node only.
 */
export function resolveFrom(from: string, request: string): string | undefined {
  try {
    return process.getBuiltinModule('node:module').createRequire(from).resolve(request);
  } catch {
    return undefined;
  }
}
