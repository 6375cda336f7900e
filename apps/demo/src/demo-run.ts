import type { EngineReport } from '@sifaka/backend';
import type { Launch, RunContext, Terminal } from '@sifaka/cli';
import type { DemoArguments } from './arguments.js';

/** The surroundings of a command: the process and the repository, or a test's own. */
export interface DemoEnvironment {
  /** Prints lasting output: figures, tables, paths. */
  readonly print: (text: string) => void;
  /** Shows progress and errors. */
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Where relative paths of the command line begin. */
  readonly workingFolder: string;
  /** Keeps the embedded data and decoded posters between runs. */
  readonly cacheFolder: string;
  /** Holds the output of each command that has no `--output`. */
  readonly runsFolder: string;
  /** The engine that is used without `--engine`. */
  readonly engine: string;
  readonly launch: Launch;
}

/** The input of every command. */
export interface DemoRun extends RunContext {
  readonly arguments: DemoArguments;
  readonly engine: EngineReport;
  /** Where checkpoints, reports and plots go. */
  readonly output: string;
}
