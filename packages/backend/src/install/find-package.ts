import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { ENGINES } from '../engine-descriptions.js';
import { packageSources, resolveFrom } from '../import-package.js';
import { installationFolder } from '../installation-folder.js';
import type { InstallableEngine } from './install-options.js';

/** An installed `@tensorflow/tfjs-node` or `-gpu`. */
export interface NativePackage {
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly version: string;
  /** True if it is in the engine's own folder, false if it is the project's. */
  readonly own: boolean;
}

/** The package that `useEngine` would load: the working folder's, one beside this package, or the engine's own. */
export function findNativePackage(engine: InstallableEngine): NativePackage | undefined {
  const { packageName } = ENGINES[engine];
  const home = `${installationFolder(engine)}/`;
  for (const from of packageSources(engine)) {
    const file = resolveFrom(from, `${packageName}/package.json`);
    if (file === undefined || !existsSync(path.join(path.dirname(file), 'binding'))) continue;
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return { folder: path.dirname(realpathSync(file)), version, own: from === home };
  }
  return undefined;
}

/**
 * The folder in which a package looks for its binding, such as `lib/napi-v8`: that of the newest Node-API version that
 * the package and this Node support.
 */
export function bindingFolder(packageFolder: string): string {
  const { binary } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as {
    readonly binary: { readonly module_path: string; readonly napi_versions: readonly number[] };
  };
  const napi = Math.max(...binary.napi_versions.filter((version) => version <= Number(process.versions['napi'])));
  return path.join(packageFolder, binary.module_path.replace('{napi_build_version}', String(napi)));
}
