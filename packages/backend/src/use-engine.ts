import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { add, backend, getBackend, ready, removeBackend, scalar, setBackend, tidy } from '@tensorflow/tfjs-core';
import { EngineError } from './engine-error.js';
import { ENGINE_NAMES, ENGINES, type EngineName } from './engines.js';
import { registerGradients } from './gradients/register.js';
import { findKernelsLibrary } from './tensorflow/kernels-library.js';
import { explainMissingGpu } from './tensorflow/missing-gpu.js';
import { registerTensorFlowKernels } from './tensorflow/register.js';
import { reportNative, usesGpu } from './tensorflow/running-backend.js';
import { firstLine, loadEngine } from './wasm/engine.js';
import { guardMemory } from './wasm/guard-memory.js';
import { kernelsOf } from './wasm/kernels-module.js';
import { registerWasmKernels } from './wasm/register.js';
import { startWebGpu } from './webgpu/engine.js';

/** A better engine that was not used, and what makes it work. */
export interface PassedOver {
  readonly name: EngineName;
  /** One line. */
  readonly reason: string;
  readonly command: string;
}

/** What {@link useEngine} chose. */
export interface EngineReport {
  readonly name: EngineName;
  /** The engine's npm package and its version. */
  readonly packageName: string;
  readonly version: string;
  /** What the package runs on where that is not its own, such as `libtensorflow 2.21.0`. */
  readonly nativeVersion?: string;
  readonly device: string;
  /** Threads that one operation is spread over; 0 on a GPU. */
  readonly threads: number;
  /** Engines that `auto` would have preferred, and why they were passed over. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * Starts a TensorFlow.js engine and makes it the current one; registers the gradients that training needs.
 *
 * @param requested `'auto'` takes the best that starts here: `tensorflow-gpu`, `webgpu` on a GPU, `tensorflow`, `wasm`. Default: the
 *   environment variable `SIFAKA_ENGINE`, else `'auto'`. A named engine that cannot start is an error: nothing falls back in silence.
 * @throws {@link EngineError} if the name is unknown or the named engine does not start.
 */
export async function useEngine(requested: EngineName | 'auto' = engineFromEnvironment()): Promise<EngineReport> {
  if (requested !== 'auto') {
    if (!ENGINE_NAMES.includes(requested)) {
      throw new EngineError(requested, `expected one of auto, ${ENGINE_NAMES.join(', ')}`);
    }
    return start(requested, [], true);
  }
  const passedOver: PassedOver[] = [];
  for (const name of ENGINE_NAMES) {
    if (name === 'cpu') continue; // A reference for tests; nobody wants to train on it by accident.
    try {
      return await start(name, passedOver, false);
    } catch (error) {
      const { reason, command } = error as EngineError;
      passedOver.push({ name, reason, command: command ?? ENGINES[name].command });
    }
  }
  throw new EngineError('auto', passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
}

function engineFromEnvironment(): EngineName | 'auto' {
  return (globalThis.process?.env['SIFAKA_ENGINE'] || 'auto') as EngineName | 'auto';
}

async function start(name: EngineName, passedOver: readonly PassedOver[], named: boolean): Promise<EngineReport> {
  const { packageName, backendName } = ENGINES[name];
  const engine =
    name === 'webgpu'
      ? await startWebGpu({ acceptSoftware: named })
      : { version: await loadEngine(name), device: ENGINES[name].device };
  try {
    // tfjs-core alone has no gradients in Node; tfjs-layers registers them all when it is imported.
    await import('@tensorflow/tfjs-layers');
    registerGradients();
    if (!(await setBackend(backendName))) throw new Error(`${packageName} is there but did not start`);
    await ready();
    if (getBackend() !== backendName) throw new Error(`expected backend ${backendName}, got ${getBackend()}`);
    if (name === 'wasm') {
      await registerWasmKernels();
      guardMemory(backend() as BackendWasm);
    }
    if (name === 'tensorflow' || name === 'tensorflow-gpu') {
      registerTensorFlowKernels(usesGpu() ? undefined : findKernelsLibrary(name));
    }
    computeSomething();
    if (name === 'tensorflow-gpu' && !usesGpu()) throw explainMissingGpu();
    const report = {
      name,
      packageName,
      ...engine,
      threads: name === 'wasm' ? kernelsOf(backend() as BackendWasm).threads : name === 'cpu' ? 1 : 0,
      passedOver,
    };
    return backendName === 'tensorflow' ? { ...report, ...reportNative() } : report;
  } catch (error) {
    // Both native packages register the same backend: one that failed must not stand in for the other.
    if (backendName === 'tensorflow') removeBackend(backendName);
    throw EngineError.isInstance(error) ? error : new EngineError(name, firstLine(error));
  }
}

/** An engine may load and still fail at its first kernel, as tfjs-node alone does on Node 23 and later. */
function computeSomething(): void {
  const two = tidy(() => add(scalar(1), scalar(1)));
  const value = two.dataSync()[0];
  two.dispose();
  if (value !== 2) throw new Error(`expected 1 + 1 to be 2, got ${value}`);
}
