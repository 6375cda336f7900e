import type { Engine, RunningEngine, StartOptions } from './engine.js';
import { ENGINE_NAMES, ENGINES, type EngineName } from './engine-descriptions.js';
import { EngineError } from './engine-error.js';
import { ENGINE_IMPLEMENTATIONS } from './engine-implementations.js';
import { registerGradients } from './gradients/register.js';
import { checkOneKernel } from './make-current.js';

/** An engine that `auto` prefers to the one that it chose, but that does not start here. */
export interface PassedOver {
  readonly name: EngineName;
  /** One line. */
  readonly reason: string;
  /** What may fix it: a command, or advice. */
  readonly command: string;
}

/** The engine that {@link useEngine} started. */
export interface EngineReport extends RunningEngine {
  readonly name: EngineName;
  /** The engine's npm package. */
  readonly packageName: string;
  /** The engines that `auto` tried before this one, best first; empty for a named engine. */
  readonly passedOver: readonly PassedOver[];
}

/** Options of {@link useEngine}. */
export interface UseEngineOptions {
  /**
   * In a browser, the address of `tfjs-backend-wasm-simd.wasm`. Default: the copy in this package, which bundlers such
   * as Vite find and serve. Node ignores it.
   */
  readonly wasmUrl?: string | URL;
}

/**
 * Starts a TensorFlow.js engine, makes it the current one, and registers the gradients that training needs.
 *
 * @param requested `'auto'` takes the best engine that starts here: `tensorflow-gpu`, `webgpu` on a GPU, `tensorflow`,
 *   `wasm`. Default: the environment variable `SIFAKA_ENGINE`, or `'auto'`. A named engine that cannot start is an
 *   error: there is no silent fallback.
 * @throws {@link EngineError} if the name is unknown or the named engine does not start.
 */
export async function useEngine(
  requested: EngineName | 'auto' = engineFromEnvironment(),
  { wasmUrl }: UseEngineOptions = {},
): Promise<EngineReport> {
  if (requested !== 'auto') {
    const engine = ENGINE_IMPLEMENTATIONS.find(({ name }) => name === requested);
    if (engine === undefined) throw new EngineError(requested, `expected one of auto, ${ENGINE_NAMES.join(', ')}`);
    return start(engine, { named: true, wasmUrl }, []);
  }
  const passedOver: PassedOver[] = [];
  for (const engine of ENGINE_IMPLEMENTATIONS) {
    const { automatic, command } = ENGINES[engine.name];
    if (!automatic) continue;
    try {
      return await start(engine, { named: false, wasmUrl }, passedOver);
    } catch (error) {
      const failure = error as EngineError;
      passedOver.push({ name: engine.name, reason: failure.reason, command: failure.command ?? command });
    }
  }
  throw new EngineError('auto', passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
}

function engineFromEnvironment(): EngineName | 'auto' {
  return (globalThis.process?.env?.['SIFAKA_ENGINE'] || 'auto') as EngineName | 'auto';
}

async function start(engine: Engine, options: StartOptions, passedOver: readonly PassedOver[]): Promise<EngineReport> {
  try {
    await engine.start(options);
    await registerGradients(); // After the start: an engine's package may register its own.
    checkOneKernel();
    const { packageName } = ENGINES[engine.name];
    return { name: engine.name, packageName, ...(await engine.report()), passedOver };
  } catch (error) {
    throw engine.explain(error);
  }
}
