import path from 'node:path';
import type { RunContext } from './run-context.js';

/** Names of a run's files in its folder. */
export const RUN_FILES = {
  description: 'run.json',
  checkpoints: 'checkpoints',
  report: 'report.json',
  plot: 'training.svg',
  logits: 'test-logits.bin',
} as const;

/** Prints where a run's files are. */
export function printRunFiles(folder: string, { print, shown }: Pick<RunContext, 'print' | 'shown'>): void {
  print(`Report      ${shown(path.join(folder, RUN_FILES.report))}`);
  print(`Plot        ${shown(path.join(folder, RUN_FILES.plot))}`);
  print(`Checkpoint  ${shown(path.join(folder, RUN_FILES.checkpoints))}`);
}
