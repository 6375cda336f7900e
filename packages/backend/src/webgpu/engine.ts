import {
  backend,
  engine,
  env,
  findBackendFactory,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';
import { type Engine, type RunningEngine, USE_LESS_MEMORY } from '../engine.js';
import { ENGINES } from '../engine-descriptions.js';
import { EngineError } from '../engine-error.js';
import { explainStartFailure, firstLine } from '../explain-start-failure.js';
import { importPackage } from '../import-package.js';
import { inNode } from '../in-node.js';
import { makeCurrent } from '../make-current.js';
import { type AdapterDescription, type AdapterFacts, describeAdapter } from './adapter.js';
import { withGpu } from './dawn.js';
import type { DeviceWatch } from './device-watch.js';
import { guardBackend } from './guard-backend.js';
import { explainNoAdapter } from './no-adapter.js';
import { packageVersion } from './package-version.js';
import { DawnClock } from './read-now.js';
import { registerWebGpuKernels } from './register.js';
import type { WebGpuBackend } from './webgpu-backend.js';

const PACKAGE = ENGINES.webgpu.packageName;
const PRIORITY = 3; // The priority with which the package registers itself.

/**
 * What this package knows of a backend that it started. The backend itself keeps it, so that a second copy of this
 * package finds it.
 */
interface Running {
  readonly report: RunningEngine;
  readonly watch: DeviceWatch;
  readonly adapter: AdapterDescription;
}

const RUNNING = Symbol.for('@sifaka/backend/webgpu');

/** TensorFlow.js on WebGPU: the browser's own, or Dawn in Node. A call after the GPU was lost starts it again. */
export const webgpu: Engine = {
  name: 'webgpu',
  runtimeFailures: [
    { message: /GPUOutOfMemoryError|out of (device )?memory/i, reason: 'out of memory', help: USE_LESS_MEMORY },
    {
      message: /device (is|was) lost|DeviceLost|GPUDevice.*destroyed/i,
      reason: 'the GPU was lost',
      help: 'npx @sifaka/backend doctor',
    },
  ],

  async start({ named: acceptSoftware }) {
    env().set('PROD', true); // Silences TensorFlow.js about a backend that does not start: this throws instead.
    const before = runningBackend();
    if (before !== undefined && !before.watch.lost) {
      refuseSoftware(before.adapter, acceptSoftware);
      await setBackend('webgpu');
      return;
    }
    await withGpu(async (gpu) => {
      const adapter = describeAdapter(await requestAdapter(gpu));
      refuseSoftware(adapter, acceptSoftware);
      await registerFactory();
      if (before?.watch.lost) replaceBackend();
      await makeCurrent('webgpu');
      registerWebGpuKernels();
      await guardAndKeep(backend() as WebGpuBackend, adapter);
    });
  },

  async report() {
    return runningBackend()!.report;
  },

  explain(error) {
    const missing = /^Cannot find package '([^']+)'/.exec(firstLine(error))?.[1];
    if (missing === undefined) return explainStartFailure('webgpu', error);
    return new EngineError('webgpu', `the package ${missing} is not installed`, ENGINES.webgpu.command);
  },
};

function runningBackend(): Running | undefined {
  return (engine().registry['webgpu'] as { [RUNNING]?: Running } | undefined)?.[RUNNING];
}

async function guardAndKeep(backend: WebGpuBackend, adapter: AdapterDescription): Promise<void> {
  const watch = guardBackend(backend, inNode() ? await DawnClock.capture(backend.device) : undefined);
  const dawn = inNode() ? { nativeVersion: `webgpu ${packageVersion('webgpu')} (Dawn)` } : {};
  const report = { version: packageVersion(PACKAGE), device: adapter.device, threads: 0, ...dawn };
  Object.defineProperty(backend, RUNNING, { value: { report, watch, adapter } satisfies Running });
}

/** A CPU that emulates a GPU would be the slowest of the engines that `auto` tries. */
function refuseSoftware({ device, software }: AdapterDescription, acceptSoftware: boolean): void {
  if (!software || acceptSoftware) return;
  throw new EngineError(
    'webgpu',
    `the only adapter is a ${device}, slower than wasm`,
    'set SIFAKA_ENGINE=webgpu to use it anyway',
  );
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

/** The fields of GPUAdapterInfo are getters of its class, and a spread does not copy getters. */
function facts({ vendor, architecture, device, description, isFallbackAdapter }: AdapterFacts): AdapterFacts {
  const found = { vendor, architecture, device, description, isFallbackAdapter };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/**
 * The package registers its backend when it is imported and `navigator.gpu` exists. A page imports the package itself.
 */
async function registerFactory(): Promise<void> {
  if (findBackendFactory('webgpu') !== null) return;
  if (!inNode()) throw new EngineError('webgpu', `this page does not import ${PACKAGE}`, `import '${PACKAGE}'`);
  await importPackage('webgpu', PACKAGE);
}

/** Replaces a backend whose GPU is lost by a new one from the same factory. */
function replaceBackend(): void {
  const factory = findBackendFactory('webgpu');
  removeBackend('webgpu');
  registerBackend('webgpu', factory, PRIORITY);
}
