import { env, version_core } from '@tensorflow/tfjs-core';
import { EngineError } from './engine-error.js';
import { ENGINES, type EngineName } from './engines.js';
import { importPackage } from './import-package.js';

/**
 * Imports an engine's package, which registers its backend.
 *
 * @returns the package's version.
 * @throws {@link EngineError} with one line of reason and the command that helps.
 */
export async function loadEngine(name: EngineName): Promise<string> {
  env().set('PROD', true); // Silences the banner that recommends tfjs-node in Node; the report says it better.
  try {
    switch (name) {
      case 'wasm': {
        const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
        // Our kernels share the engine's memory, which the threaded build keeps to itself (and Node cannot start that build).
        env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
        return version_wasm;
      }
      case 'cpu': {
        const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
        return version_cpu;
      }
      default: {
        if (globalThis.process?.versions?.node === undefined) throw new Error('runs in Node only');
        const module = (await importPackage(name, ENGINES[name].packageName)) as { version?: Record<string, string> };
        return module.version?.['tfjs-node'] ?? version_core;
      }
    }
  } catch (error) {
    const { reason, command } = explainLoadFailure(ENGINES[name].packageName, error);
    throw new EngineError(name, reason, command);
  }
}

/** One line for a package that could not be imported, and what to do about it. */
export function explainLoadFailure(packageName: string, error: unknown): { reason: string; command: string } {
  const line = firstLine(error);
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ERR_MODULE_NOT_FOUND' && line.includes(`'${packageName}'`)) {
    return { reason: `${packageName} is not installed`, command: `npm install ${packageName}` };
  }
  // tfjs-node fetches its addon in an install script, which pnpm and recent npm do not run unless they are told to.
  if (/native addon|tfjs_binding/.test(line)) {
    const command = `npm rebuild ${packageName} --build-addon-from-source`;
    return { reason: `${packageName} is installed, but its native addon is not built`, command };
  }
  return { reason: line, command: `npm install ${packageName}` };
}

/** The first line of what was thrown: a reason fits on one line, a stack trace helps nobody choose an engine. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!.trim();
}
