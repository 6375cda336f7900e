import { ENGINES } from '../engine-descriptions.js';
import { locatePackage } from '../import-package.js';
import type { TensorFlowEngine } from './load-package.js';

/**
 * File name of our native kernels, beside the binding that they were built with. The number changes with their
 * interface, so that an older library is not loaded.
 */
export const KERNELS_LIBRARY = 'sifaka_kernels_3.node';

/** Path of our kernels for the installed package; undefined if they were not built with its binding. */
export function findKernelsLibrary(engine: TensorFlowEngine): string | undefined {
  const main = locatePackage(engine, ENGINES[engine].packageName);
  if (main === undefined) return undefined;
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const lib = fileURLToPath(new URL('../lib/', main));
  if (!existsSync(lib)) return undefined;
  return readdirSync(lib)
    .map((folder) => `${lib}${folder}/${KERNELS_LIBRARY}`)
    .find(existsSync);
}
