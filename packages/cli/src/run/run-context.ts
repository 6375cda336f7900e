import type { Report } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import type { Terminal } from '../terminal/progress-line.js';

/** Everything that the runs of one command share. */
export interface RunContext {
  readonly data: Dataset;
  /** The engine that `useEngine` started, for the report. */
  readonly engine: Report['engine'];
  /** Prints lasting output: figures, tables, paths. */
  readonly print: (text: string) => void;
  /** Shows progress. */
  readonly terminal: Terminal;
  /** Ends the run early, with a checkpoint. */
  readonly signal: AbortSignal;
  /** A path as the user would write it. */
  readonly shown: (file: string) => string;
}
