import {
  backend,
  engine,
  env,
  findBackendFactory,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';
import { EngineError } from '../engine-error.js';
import { importPackage } from '../import-package.js';
import { type AdapterDescription, type AdapterFacts, describeAdapter } from './adapter.js';
import { withGpu } from './dawn.js';
import type { DeviceWatch } from './device-watch.js';
import { guardBackend } from './guard-backend.js';
import { explainNoAdapter } from './no-adapter.js';
import { packageVersion } from './package-version.js';
import { DawnClock } from './read-now.js';
import { registerWebGpuKernels } from './register.js';
import type { WebGpuBackend } from './webgpu-backend.js';

const PACKAGE = '@tensorflow/tfjs-backend-webgpu';
const PRIORITY = 3; // As the package registers it.

export interface WebGpuStarted {
  /** Of `@tensorflow/tfjs-backend-webgpu`. */
  readonly version: string;
  /** In Node, the version of the package `webgpu`: `webgpu 0.6.2 (Dawn)`. */
  readonly nativeVersion?: string;
  /** The adapter. */
  readonly device: string;
}

/** What is known of a backend that was started here; kept at the backend itself, so that a second copy of this package finds it. */
interface Running {
  readonly started: WebGpuStarted;
  readonly watch: DeviceWatch;
  readonly adapter: AdapterDescription;
}

const RUNNING = Symbol.for('@sifaka/backend/webgpu');

/**
 * Starts the webgpu engine and makes it the current one; starts it anew where its GPU was lost.
 *
 * @throws {@link EngineError} if a package or the adapter is missing, or the only adapter is a CPU and that is not accepted.
 */
export async function startWebGpu({ acceptSoftware }: { readonly acceptSoftware: boolean }): Promise<WebGpuStarted> {
  env().set('PROD', true); // Silences what TensorFlow.js prints of a backend that does not start: it is thrown here.
  const before = runningBackend();
  if (before !== undefined && !before.watch.lost) {
    refuseSoftware(before.adapter, acceptSoftware);
    await setBackend('webgpu');
    return before.started;
  }
  try {
    return await withGpu(async (gpu) => {
      const adapter = describeAdapter(await requestAdapter(gpu));
      refuseSoftware(adapter, acceptSoftware);
      await registerFactory();
      if (before?.watch.lost) replaceBackend();
      if (!(await setBackend('webgpu'))) throw new Error(`${PACKAGE} is there but did not start`);
      registerWebGpuKernels();
      return guardAndKeep(backend() as WebGpuBackend, adapter);
    });
  } catch (error) {
    throw asEngineError(error);
  }
}

function runningBackend(): Running | undefined {
  return (engine().registry['webgpu'] as { [RUNNING]?: Running } | undefined)?.[RUNNING];
}

async function guardAndKeep(backend: WebGpuBackend, adapter: AdapterDescription): Promise<WebGpuStarted> {
  const inNode = globalThis.process?.versions?.node !== undefined;
  const watch = guardBackend(backend, inNode ? await DawnClock.catch(backend.device) : undefined);
  const dawn = inNode ? { nativeVersion: `webgpu ${packageVersion('webgpu')} (Dawn)` } : {};
  const started = { version: packageVersion(PACKAGE), device: adapter.device, ...dawn };
  Object.defineProperty(backend, RUNNING, { value: { started, watch, adapter } satisfies Running });
  return started;
}

/** In `auto` a CPU that plays a GPU would be the slowest of the engines. */
function refuseSoftware({ device, software }: AdapterDescription, acceptSoftware: boolean): void {
  if (!software || acceptSoftware) return;
  throw new EngineError('webgpu', `the only adapter is a ${device}, slower than wasm`, 'SIFAKA_ENGINE=webgpu takes it');
}

async function requestAdapter(gpu: GPU): Promise<AdapterFacts> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    const { reason, command } = explainNoAdapter();
    throw new EngineError('webgpu', reason, command);
  }
  const { info, isFallbackAdapter } = adapter as unknown as { info?: AdapterFacts; isFallbackAdapter?: boolean };
  return { ...(isFallbackAdapter === undefined ? {} : { isFallbackAdapter }), ...facts(info ?? {}) };
}

/** The fields of GPUAdapterInfo are getters of its class, which a spread does not copy. */
function facts({ vendor, architecture, device, description, isFallbackAdapter }: AdapterFacts): AdapterFacts {
  const found = { vendor, architecture, device, description, isFallbackAdapter };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The package registers its backend when it is imported and `navigator.gpu` is there; a page may have done so itself. */
async function registerFactory(): Promise<void> {
  if (findBackendFactory('webgpu') === null) await importPackage('webgpu', PACKAGE);
}

/** A backend whose GPU is lost gives way to a new one of the same make. */
function replaceBackend(): void {
  const factory = findBackendFactory('webgpu');
  removeBackend('webgpu');
  registerBackend('webgpu', factory, PRIORITY);
}

function asEngineError(error: unknown): EngineError {
  if (EngineError.isInstance(error)) return error;
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.trim();
  const missing = /^Cannot find package '([^']+)'/.exec(line)?.[1];
  const reason = missing === undefined ? line : `the package ${missing} is not installed`;
  return new EngineError('webgpu', reason, 'npx @sifaka/backend install webgpu');
}
