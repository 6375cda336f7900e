import type { EngineName } from './engine-descriptions.js';
import type { EngineError } from './engine-error.js';

/** How an engine should start. */
export interface StartOptions {
  /** True if the user named the engine, false if `auto` tries it. */
  readonly named: boolean;
  /** As in `UseEngineOptions`. */
  readonly wasmUrl?: string | URL | undefined;
}

/** What an engine says about itself after it has started. */
export interface RunningEngine {
  /** Version of the engine's npm package. */
  readonly version: string;
  /** The native library that the package runs on, if there is one, such as `libtensorflow 2.21.0`. */
  readonly nativeVersion?: string;
  /** The hardware that computes, in words. */
  readonly device: string;
  /** Threads that share one operation; 0 on a GPU. */
  readonly threads: number;
}

/** How to recognise, and explain, one failure of the engine or the machine during a run. */
export interface RuntimeFailure {
  /** Matches the engine's own message. */
  readonly message: RegExp;
  /** What happened, in a few words. */
  readonly reason: string;
  /** What may help. */
  readonly help: string;
}

/** {@link RuntimeFailure.help} if memory is missing. */
export const USE_LESS_MEMORY = 'a smaller batch, shorter histories, or an engine with more memory';

/**
 * One engine. Each has a folder whose `engine.ts` implements this interface. `engine-implementations.ts` lists them
 * all, and `engine-descriptions.ts` has the facts that need no code. The README says how to add one.
 */
export interface Engine {
  readonly name: EngineName;
  /** The first that matches an error explains it. */
  readonly runtimeFailures: readonly RuntimeFailure[];
  /**
   * Loads the engine's package, makes its TensorFlow.js backend the current one, and registers our kernels on it. Calls
   * after the first make the engine current again.
   *
   * @throws anything; {@link explain} turns it into an {@link EngineError}.
   */
  start(options: StartOptions): Promise<void>;
  /** Describes the engine after {@link start}. */
  report(): Promise<RunningEngine>;
  /** Turns an error of {@link start} into one line of reason, and the command that may help. */
  explain(error: unknown): EngineError;
}
