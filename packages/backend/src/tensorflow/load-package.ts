import { findBackendFactory, registerBackend, removeBackend, version_core } from '@tensorflow/tfjs-core';
import { EngineError } from '../engine-error.js';
import { ENGINES } from '../engines.js';
import { importPackage, locatePackage } from '../import-package.js';
import { requireDriver } from './nvidia-driver.js';
import { prepareNode } from './prepare-node.js';

export type NativeEngine = 'tensorflow' | 'tensorflow-gpu';

const BACKEND = 'tensorflow';
const PRIORITY = 3; // As tfjs-node registers itself.
/** Both packages register the same backend, once, when they are first imported; this is what each of them registered. */
const factories = new Map<NativeEngine, NonNullable<ReturnType<typeof findBackendFactory>>>();

/**
 * Imports `@tensorflow/tfjs-node` or `-gpu` and sees to it that its backend is the registered one. tfjs-node-gpu is left alone where no
 * driver runs: it would compute on the CPU, and its libtensorflow stay in the process.
 *
 * @returns the package's version.
 * @throws EngineError, or what the package threw while it was loaded.
 */
export async function loadNative(engine: NativeEngine): Promise<string> {
  if (globalThis.process?.versions?.node === undefined) throw new EngineError(engine, 'runs in Node only');
  const { packageName, command } = ENGINES[engine];
  if (locatePackage(engine, packageName) === undefined) {
    throw new EngineError(engine, `${packageName} is not installed`, command);
  }
  if (engine === 'tensorflow-gpu') requireDriver();
  prepareNode();
  const known = factories.get(engine);
  const registered = findBackendFactory(BACKEND);
  if (registered !== null && registered !== known) removeBackend(BACKEND);
  const module = (await importPackage(engine, packageName)) as { version?: Record<string, string> };
  if (known !== undefined && findBackendFactory(BACKEND) === null) registerBackend(BACKEND, known, PRIORITY);
  const factory = findBackendFactory(BACKEND);
  if (factory !== null) factories.set(engine, factory);
  return module.version?.['tfjs-node'] ?? version_core;
}
