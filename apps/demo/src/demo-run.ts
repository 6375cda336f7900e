import type { EngineReport } from '@sifaka/backend';
import type { DemoArguments } from './arguments.js';
import type { MovieLens } from './load-movielens.js';
import type { Terminal } from './progress.js';
import type { Launch } from './resume-command.js';

/** What lies around a command: in real life the process and the repository. */
export interface DemoEnvironment {
  /** Takes what the user wants to keep: figures, tables, paths. */
  readonly print: (text: string) => void;
  /** Takes progress and errors. */
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Where relative paths of the command line begin. */
  readonly workingFolder: string;
  /** Keeps the embedded data and decoded posters between runs. */
  readonly cacheFolder: string;
  /** Holds the output of each command that is not told where to. */
  readonly runsFolder: string;
  /** The engine where `--engine` names none. */
  readonly engine: string;
  readonly launch: Launch;
}

/** What every command works with. */
export interface DemoRun extends Pick<DemoEnvironment, 'print' | 'terminal' | 'signal'> {
  readonly arguments: DemoArguments;
  readonly data: MovieLens;
  readonly engine: EngineReport;
  /** Where checkpoints, reports and plots go. */
  readonly output: string;
  /** A path as the user would write it. */
  readonly shown: (file: string) => string;
}
