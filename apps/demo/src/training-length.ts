import { type StoppingOptions, stepsOfEpochs, tableMetrics } from '@sifaka/cli';
import type { DemoRun } from './demo-run.js';

/** What the command line says of the length of a run: ranking steps, if it names steps or epochs, and when to stop. */
export interface TrainingLength extends StoppingOptions {
  readonly steps: number | undefined;
}

export function trainingLength({ arguments: given, data }: Pick<DemoRun, 'arguments' | 'data'>): TrainingLength {
  const { command, steps, epochs, batchSize, patience } = given;
  const { selectBy = command === 'train' ? 'auc' : tableMetrics(data.samples)[0] } = given;
  const length = epochs === undefined ? { steps } : stepsOfEpochs(epochs, data, batchSize);
  return { ...length, patience, selectBy };
}
