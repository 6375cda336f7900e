import { env, getBackend, ready, setBackend, version_core } from '@tensorflow/tfjs-core';
import { EngineError } from './engine-error.js';
import { ENGINE_NAMES, ENGINES, type EngineName } from './engines.js';
import { registerWasmKernels } from './wasm/register.js';

/** A better engine that was not used, and what makes it work. */
export interface PassedOver {
  readonly name: EngineName;
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
      const reason = error instanceof EngineError ? error.reason : String(error);
      passedOver.push({ name, reason, command: ENGINES[name].command });
    }
  }
  throw new EngineError('auto', passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
}

function engineFromEnvironment(): EngineName | 'auto' {
  return (globalThis.process?.env['SIFAKA_ENGINE'] || 'auto') as EngineName | 'auto';
}

async function start(name: EngineName, passedOver: readonly PassedOver[]): Promise<EngineReport> {
  const { packageName, backendName, device } = ENGINES[name];
  const version = await load(name);
  // tfjs-core alone has no gradients in Node; tfjs-layers registers them all when it is imported.
  await import('@tensorflow/tfjs-layers');
  if (!(await setBackend(backendName))) throw new EngineError(name, `${packageName} is there but did not start`);
  await ready();
  if (getBackend() !== backendName) throw new EngineError(name, `expected backend ${backendName}, got ${getBackend()}`);
  if (name === 'wasm') registerWasmKernels();
  return { name, packageName, version, device, threads: name === 'wasm' || name === 'cpu' ? 1 : 0, passedOver };
}

async function load(name: EngineName): Promise<string> {
  env().set('IS_TEST', true); // Silences the banner that recommends tfjs-node in Node; the report says it better.
  try {
    switch (name) {
      case 'wasm': {
        const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
        return version_wasm;
      }
      case 'cpu': {
        const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
        return version_cpu;
      }
      default:
        return await loadNative(ENGINES[name].packageName);
    }
  } catch (error) {
    throw new EngineError(name, firstLine(error));
  }
}

/** The native packages are the application's choice, so they are resolved at run time and may be absent or unbuilt. */
async function loadNative(packageName: string): Promise<string> {
  const module = (await import(packageName)) as { version?: Record<string, string> };
  return module.version?.['tfjs-node'] ?? version_core;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}
