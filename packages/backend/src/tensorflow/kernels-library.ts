import { ENGINES } from '../engines.js';
import { locatePackage } from '../import-package.js';
import type { TensorFlowEngine } from './load-package.js';

/**
 * Our kernels for libtensorflow, beside the binding that they were built with. The number changes with what the kernels take and give: a
 * library of another one is not loaded.
 */
export const KERNELS_LIBRARY = 'sifaka_kernels_2.node';

/** The library that goes with the package that this engine runs on; undefined where another installer built the binding. */
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
