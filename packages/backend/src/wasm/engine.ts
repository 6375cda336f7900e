import { env } from '@tensorflow/tfjs-core';
import { EngineError } from '../engine-error.js';
import { ENGINES, type EngineName } from '../engines.js';
import { explainLoadFailure } from '../tensorflow/explain-load-failure.js';
import { loadNative } from '../tensorflow/load-package.js';
import { shareEngineMemory } from './share-engine-memory.js';
import { threadCount } from './thread-count.js';

/**
 * Imports an engine's package, which registers its backend.
 *
 * @returns the package's version.
 * @throws {@link EngineError} with one line of reason and the command that helps.
 */
export async function loadEngine(name: Exclude<EngineName, 'webgpu'>): Promise<string> {
  env().set('PROD', true); // Silences the banner that recommends tfjs-node in Node; the report says it better.
  switch (name) {
    case 'wasm': {
      const engine = await explained(name, () => import('@tensorflow/tfjs-backend-wasm'));
      // Our kernels share the engine's memory, which the threaded build keeps to itself (and Node cannot start that build).
      env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      if (threadCount() > 1) await shareEngineMemory(engine);
      return engine.version_wasm;
    }
    case 'cpu': {
      const { version_cpu } = await explained(name, () => import('@tensorflow/tfjs-backend-cpu'));
      return version_cpu;
    }
    default: {
      try {
        return await loadNative(name);
      } catch (error) {
        if (EngineError.isInstance(error)) throw error;
        const { reason, command } = explainLoadFailure(name, firstLine(error));
        throw new EngineError(name, reason, command);
      }
    }
  }
}

async function explained<T>(name: EngineName, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new EngineError(name, firstLine(error), ENGINES[name].command);
  }
}

/** The first line of what was thrown: a reason fits on one line, a stack trace helps nobody choose an engine. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!.trim();
}
