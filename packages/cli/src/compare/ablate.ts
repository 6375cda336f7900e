import path from 'node:path';
import { measure, type Report } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from '../run/baseline-scores.js';
import type { FinishedRun } from '../run/finished-run.js';
import { withFolderLock } from '../run/folder-lock.js';
import { assertOwnFigures } from '../run/owned-files.js';
import { withFirstStage } from '../run/planned-run.js';
import type { RunContext } from '../run/run-context.js';
import { runModel } from '../run/run-model.js';
import { assertFewSkipped, printSkippedSteps } from '../run/skipped-steps.js';
import type { StoppingOptions } from '../run/training-length.js';
import { removeUnfinished, writeWhole } from '../run/write-whole.js';
import type { AblationRow, MeasuredRow } from './ablation-row.js';
import { ablationTables, type ComparedRow } from './ablation-tables.js';
import { type BootstrapDifferenceOptions, bootstrapDifference } from './bootstrap-difference.js';
import { blankModels, controlName, dataOf, withControls } from './controls.js';
import { assertDistinctFolders, runFolderName } from './run-folder-name.js';
import { strongestBaseline, tableMetrics } from './table-metric.js';

export interface AblateOptions extends RunContext, StoppingOptions {
  readonly rows: readonly AblationRow[];
  /** Name of the row that gains are measured from. */
  readonly baseline: string;
  /** Name of the row with every part. */
  readonly whole: string;
  readonly seeds: readonly number[];
  /** Ranking steps of every row, so that all rank the same number of samples. With `patience`: at most that many. */
  readonly steps: number;
  readonly batchSize: number;
  /**
   * Trains every row that reads contents again on permuted ones, the whole model and the baseline row on blank ones
   * too, and shows what the contents bring. Doubles the time. Default true.
   */
  readonly controls?: boolean;
  /** Keep finished runs, and continue the one that was interrupted. */
  readonly resume: boolean;
  /** Holds a folder `ROW-seed-SEED` for each run, and `ablation.json`. */
  readonly output: string;
}

/**
 * Trains every row at every seed, and shows the effect and cost of each part next to the paper's figures. Differences
 * are those of the mean GAUC over seeds: by visit if histories end where visits begin, otherwise by user.
 *
 * @returns false if it was interrupted.
 * @throws RangeError if two runs would share a folder, or there is none; UsageError at the end if one skipped too
 *   many steps; otherwise see `runModel`.
 */
export async function ablate(options: AblateOptions): Promise<boolean> {
  const file = path.join(options.output, 'ablation.json');
  const rows = rowsOf(options);
  assertDistinctFolders(
    'ablate',
    rows.map(({ name }) => name),
    options.seeds,
  );
  return withFolderLock(options.output, async () => {
    await removeUnfinished(options.output);
    await assertOwnFigures(file);
    return ablateInto(file, { ...options, rows });
  });
}

/** The rows, followed by their controls, which no paper has. */
function rowsOf({ rows, seeds, baseline, whole, data, controls = true }: AblateOptions): readonly AblationRow[] {
  const [seed] = seeds;
  if (!controls || seed === undefined) return rows;
  const optionsOf = ({ options }: AblationRow) => options({ seed, data });
  const blank = blankModels(
    rows.filter(({ name }) => name === whole || name === baseline),
    optionsOf,
  );
  return withControls(rows, { readsContent: (row) => optionsOf(row).content !== undefined, blank }).map((row) =>
    row.control === undefined ? row : { ...row, table: null, paper: null },
  );
}

async function ablateInto(file: string, options: AblateOptions): Promise<boolean> {
  const { baseline, whole, data, steps, print, shown } = options;
  const trained = await trainRows(options);
  if (trained === undefined) return false;
  const baselines = baselineRows(data);
  const measured = [...baselines, ...trained];
  const [metric] = tableMetrics(data.samples);
  const isCold = (sample: number) => data.cold[data.samples.items[sample]!] === 1;
  const from = (name: string, row: MeasuredRow, isIn?: (sample: number) => boolean) =>
    differenceFrom(name, row, measured, data, { metric, ...(isIn && { isIn }) });
  const differences = (row: MeasuredRow, isIn?: (sample: number) => boolean) => ({
    againstBaseline: from(baseline, row, isIn),
    againstWhole: from(whole, row, isIn),
    againstPermuted: from(controlName(row.row.name, 'permuted'), row, isIn),
  });
  const compared = measured.map(
    (row): ComparedRow => ({ ...row, ...differences(row), cold: differences(row, isCold) }),
  );
  const strongest = strongestBaseline(
    baselines.map(({ row: { name }, metrics }) => ({ name, seeds: metrics })),
    metric,
  );
  for (const text of ablationTables(compared, { ...options, metric, strongest })) print(text);
  const content = compared.map(({ row, metrics, runs, againstBaseline, againstWhole, againstPermuted, cold }) => ({
    ...row,
    metrics,
    againstBaseline,
    againstWhole,
    againstPermuted,
    cold,
    runs: runs.map(({ seed, throughput, bank }) => ({ seed, throughput, bank })),
  }));
  await writeWhole(
    file,
    `${JSON.stringify({ schema: 2, data: data.report, steps, metric, rows: content }, null, 2)}\n`,
  );
  const reports = trained.flatMap(({ runs }) => runs);
  printSkippedSteps(reports, print);
  print(`\nFigures     ${shown(file)}`);
  assertFewSkipped(reports);
  return true;
}

/** Trains seed by seed, so that an interrupted run has complete seeds. @returns undefined if it was interrupted. */
async function trainRows(options: AblateOptions): Promise<MeasuredRow[] | undefined> {
  const { rows, seeds, steps, output, data } = options;
  const finished = new Map(rows.map(({ name }) => [name, [] as FinishedRun[]]));
  for (const seed of seeds) {
    for (const row of rows) {
      const contents = dataOf(row, data, seed);
      const planned = withFirstStage({ ...row.options({ seed, data: contents }), preset: row.name }, steps);
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

function baselineRows(data: Dataset): MeasuredRow[] {
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

/** @returns null if the row is the named one, the named one was not run, or the samples have no GAUC. */
function differenceFrom(
  name: string,
  { row, logits }: MeasuredRow,
  all: readonly MeasuredRow[],
  data: Dataset,
  options: BootstrapDifferenceOptions,
): ReturnType<typeof bootstrapDifference> {
  const other = all.find((each) => each.row.name === name);
  if (other === undefined || row.name === name) return null;
  return bootstrapDifference(logits, other.logits, data, options);
}
