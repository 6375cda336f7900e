import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { add, backend, getBackend, ready, removeBackend, scalar, setBackend, tidy } from '@tensorflow/tfjs-core';
import { EngineError } from './engine-error.js';
import { ENGINE_NAMES, ENGINES, type EngineName } from './engines.js';
import { firstLine, loadEngine } from './load-engine.js';
import { guardMemory } from './wasm/guard-memory.js';
import { registerWasmKernels } from './wasm/register.js';

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
  readonly device: string;
  /** Threads that compute; 0 where the engine decides by itself. */
  readonly threads: number;
  /** Engines that `auto` would have preferred, and why they were passed over. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * Starts a TensorFlow.js engine and makes it the current one; registers the gradients that training needs.
 *
 * @param requested `'auto'` takes the best that starts here: `tensorflow-gpu`, `tensorflow`, `wasm`. Default: the environment
 *   variable `SIFAKA_ENGINE`, else `'auto'`. A named engine that cannot start is an error: nothing falls back in silence.
 * @throws {@link EngineError} if the name is unknown or the named engine does not start.
 */
export async function useEngine(requested: EngineName | 'auto' = engineFromEnvironment()): Promise<EngineReport> {
  if (requested !== 'auto') {
    if (!ENGINE_NAMES.includes(requested)) {
      throw new EngineError(requested, `expected one of auto, ${ENGINE_NAMES.join(', ')}`);
    }
    return start(requested, []);
  }
  const passedOver: PassedOver[] = [];
  for (const name of ENGINE_NAMES) {
    if (name === 'cpu') continue; // A reference for tests; nobody wants to train on it by accident.
    try {
      return await start(name, passedOver);
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

async function start(name: EngineName, passedOver: readonly PassedOver[]): Promise<EngineReport> {
  const { packageName, backendName, device } = ENGINES[name];
  const version = await loadEngine(name);
  try {
    // tfjs-core alone has no gradients in Node; tfjs-layers registers them all when it is imported.
    await import('@tensorflow/tfjs-layers');
    if (!(await setBackend(backendName))) throw new Error(`${packageName} is there but did not start`);
    await ready();
    if (getBackend() !== backendName) throw new Error(`expected backend ${backendName}, got ${getBackend()}`);
    if (name === 'wasm') {
      await registerWasmKernels();
      guardMemory(backend() as BackendWasm);
    }
    if (name === 'tensorflow-gpu') requireGpu();
    computeSomething();
  } catch (error) {
    // Both native packages register the same backend: one that failed must not stand in for the other.
    if (backendName === 'tensorflow') removeBackend(backendName);
    throw new EngineError(name, firstLine(error));
  }
  return { name, packageName, version, device, threads: name === 'wasm' || name === 'cpu' ? 1 : 0, passedOver };
}

/** tfjs-node-gpu runs on the CPU without a word where it finds no GPU. */
function requireGpu(): void {
  const { isUsingGpuDevice } = backend() as unknown as { readonly isUsingGpuDevice?: boolean };
  if (isUsingGpuDevice !== true) throw new Error('it started, but found no GPU that it can use');
}

/** An engine may load and still fail at its first kernel, as tfjs-node does on Node 23 and later. */
function computeSomething(): void {
  const two = tidy(() => add(scalar(1), scalar(1)));
  const value = two.dataSync()[0];
  two.dispose();
  if (value !== 2) throw new Error(`expected 1 + 1 to be 2, got ${value}`);
}
