import path from 'node:path';
import { measure, type Report } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from '../run/baseline-scores.js';
import type { FinishedRun } from '../run/finished-run.js';
import { withFirstStage } from '../run/planned-run.js';
import type { RunContext } from '../run/run-context.js';
import { runModel } from '../run/run-model.js';
import type { StoppingOptions } from '../run/training-length.js';
import type { AblationRow, MeasuredRow } from './ablation-row.js';
import { dataOf } from './controls.js';
import { runFolderName } from './run-folder-name.js';

export interface TrainRowsOptions extends RunContext, StoppingOptions {
  readonly rows: readonly AblationRow[];
  readonly seeds: readonly number[];
  /** Ranking steps of every row, so that all rank the same number of samples. With `patience`: at most that many. */
  readonly steps: number;
  readonly batchSize: number;
  /** Keep finished runs, and continue the one that was interrupted. */
  readonly resume: boolean;
  /** Holds a folder `ROW-seed-SEED` for each run. */
  readonly output: string;
  /** Stands before the row's name in a run's report and progress. Default: the row's name alone. */
  readonly model?: string;
}

/** Trains seed by seed, so that an interrupted run has complete seeds. @returns undefined if it was interrupted. */
export async function trainRows(options: TrainRowsOptions): Promise<MeasuredRow[] | undefined> {
  const { rows, seeds, steps, output, data, model } = options;
  const finished = new Map(rows.map(({ name }) => [name, [] as FinishedRun[]]));
  for (const seed of seeds) {
    for (const row of rows) {
      const contents = dataOf(row, data, seed);
      const preset = model === undefined ? row.name : `${model}: ${row.name}`;
      const planned = withFirstStage({ ...row.options({ seed, data: contents }), preset }, steps);
      const folder = path.join(output, runFolderName(row.name, seed));
      const run = await runModel({ ...options, ...planned, data: contents, folder });
      if (run === undefined) return undefined;
      finished.get(row.name)!.push(run);
    }
  }
  return rows.map(({ name, table, paper, control }) => {
    const runs = finished.get(name)!;
    const logits = runs.map(({ testLogits }) => testLogits);
    const reports = runs.map(({ report }) => report);
    return measureRow({ name, table, paper, ...(control && { control }) }, logits, reports, data);
  });
}

/** The baselines of the data as rows of a table. */
export function baselineRows(data: Dataset): MeasuredRow[] {
  return Object.entries(baselineScores(data)).map(([name, { testLogits }]) =>
    measureRow({ name, table: null, paper: null }, [testLogits], [], data),
  );
}

function measureRow(
  row: MeasuredRow['row'],
  logits: readonly Float32Array[],
  runs: readonly Report[],
  data: Dataset,
): MeasuredRow {
  return { row, logits, runs, metrics: logits.map((scores) => measure(scores, { ...data, indices: data.split.test })) };
}
