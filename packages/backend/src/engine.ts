import type { EngineName } from './engine-descriptions.js';
import type { EngineError } from './engine-error.js';

/** How an engine should start. */
export interface StartOptions {
  /** True if the user named the engine, false if `auto` tries it. */
  readonly named: boolean;
  /** See `useEngine`. */
  readonly wasmUrl?: string | URL | undefined;
}

/** What runs after an engine has started. */
export interface RunningEngine {
  /** Version of the engine's npm package. */
  readonly version: string;
  /** The library below the package, if it is not the package's own, such as `libtensorflow 2.21.0`. */
  readonly nativeVersion?: string;
  /** The hardware that computes, in words. */
  readonly device: string;
  /** Threads that share one operation; 0 on a GPU. */
  readonly threads: number;
}

/** Messages that mean that the engine or the machine failed during a run, not the program. */
export interface RuntimeFailure {
  /** Matches the engine's own message. */
  readonly message: RegExp;
  /** What happened, in a few words. */
  readonly reason: string;
  /** What may help. */
  readonly help: string;
}

/** One engine. Each has a folder whose `engine.ts` implements this interface; `engine-implementations.ts` lists them all. */
export interface Engine {
  readonly name: EngineName;
  readonly runtimeFailures: readonly RuntimeFailure[];
  /**
   * Loads the engine's package, makes its TensorFlow.js backend the current one, and registers our kernels for it.
   *
   * @throws anything; {@link explain} turns it into an {@link EngineError}.
   */
  start(options: StartOptions): Promise<void>;
  /** Describes the engine after {@link start}. */
  report(): Promise<RunningEngine>;
  /** Turns an error of {@link start} into one line of reason and the command that helps. */
  explain(error: unknown): EngineError;
}
