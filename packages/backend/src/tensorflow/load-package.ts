import { env, findBackendFactory, registerBackend, removeBackend, version_core } from '@tensorflow/tfjs-core';
import { ENGINES } from '../engine-descriptions.js';
import { EngineError } from '../engine-error.js';
import { importPackage, locatePackage } from '../import-package.js';
import { inNode } from '../in-node.js';
import { requireDriver } from './nvidia-driver.js';
import { prepareNode } from './prepare-node.js';

/** Native TensorFlow on the CPU and on a GPU. Each has its own npm package. */
export type TensorFlowEngine = 'tensorflow' | 'tensorflow-gpu';

const BACKEND = 'tensorflow';
const PRIORITY = 3; // The priority with which tfjs-node registers itself.
/** The backend that each package registers, under the same name, when it is first imported. */
const factories = new Map<TensorFlowEngine, NonNullable<ReturnType<typeof findBackendFactory>>>();

/**
 * Imports `@tensorflow/tfjs-node` or `-gpu` and makes its backend the registered one. Without an NVIDIA driver,
 * tfjs-node-gpu is not imported: it would compute on the CPU, and its libtensorflow would stay in the process.
 *
 * @throws {@link EngineError}, or the error that the package threw while it loaded.
 */
export async function loadPackage(engine: TensorFlowEngine): Promise<void> {
  env().set('PROD', true); // Silences the banners of TensorFlow.js.
  if (!inNode()) throw new EngineError(engine, 'runs in Node only');
  const { packageName, command } = ENGINES[engine];
  if (locatePackage(engine, packageName) === undefined) {
    throw new EngineError(engine, `${packageName} is not installed`, command);
  }
  if (engine === 'tensorflow-gpu') requireDriver();
  prepareNode();
  const known = factories.get(engine);
  const registered = findBackendFactory(BACKEND);
  if (registered !== null && registered !== known) removeBackend(BACKEND);
  await importPackage(engine, packageName);
  if (known !== undefined && findBackendFactory(BACKEND) === null) registerBackend(BACKEND, known, PRIORITY);
  const factory = findBackendFactory(BACKEND);
  if (factory !== null) factories.set(engine, factory);
}

/** Version of a package that {@link loadPackage} has loaded. */
export async function packageVersion(engine: TensorFlowEngine): Promise<string> {
  const module = (await importPackage(engine, ENGINES[engine].packageName)) as { version?: Record<string, string> };
  return module.version?.['tfjs-node'] ?? version_core;
}
