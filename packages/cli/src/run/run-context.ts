import type { EngineReport } from '@sifaka/backend';
import type { Dataset } from '../dataset/dataset.js';
import type { Terminal } from '../terminal/progress-line.js';

/** Everything that the runs of one command share. */
export interface RunContext {
  readonly data: Dataset;
  readonly engine: Pick<EngineReport, 'name' | 'version' | 'device'>;
  /** Takes lasting output: figures, tables, paths. */
  readonly print: (text: string) => void;
  /** Takes progress. */
  readonly terminal: Terminal;
  /** Ends the run early, with a checkpoint. */
  readonly signal: AbortSignal;
  /** A path as the user would write it. */
  readonly shown: (file: string) => string;
}
