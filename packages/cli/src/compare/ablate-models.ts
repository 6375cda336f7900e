import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { removeUnfinished } from '@sifaka/encoders/node';
import { withFolderLock } from '../run/folder-lock.js';
import { assertOwnFigures } from '../run/owned-files.js';
import { assertFewSkipped } from '../run/skipped-steps.js';
import { writeWhole } from '../run/write-whole.js';
import type { MetricHeading } from '../tables/metrics-table.js';
import { type AblateRowsOptions, ablateRows } from './ablate-rows.js';
import type { AblationRow, ComparedRow } from './ablation-row.js';
import { withControls } from './controls.js';
import { modelSummaries, modelsTables } from './models-tables.js';
import { printBaselines } from './print-baselines.js';
import { assertDistinctFolders } from './run-folder-name.js';
import { tableMetrics } from './table-metric.js';

/** A ranking model, and the rows of variants that are trained with it. */
export interface AblatedModel {
  /** Also the name of its folder: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly rows: readonly AblationRow[];
}

export interface AblateModelsOptions extends Omit<AblateRowsOptions, 'rows' | 'headings' | 'beside' | 'model'> {
  readonly models: readonly AblatedModel[];
  /** Trains the row `whole` of every model also on permuted contents, to show what the contents bring. Default true. */
  readonly controls?: boolean;
  /** Holds a folder for each model, as that of `ablate`, and `models.json`. */
  readonly output: string;
}

const FIGURE_HEADINGS: readonly MetricHeading[] = ['AUC', 'GAUC', 'by visit', 'cold by visit'];
const WITHOUT_VISITS: readonly MetricHeading[] = ['AUC', 'GAUC', 'cold GAUC'];

/**
 * Ablates one method on several ranking models, one after the other: rows of the same names, such as ids alone, the
 * whole method and the method without a part. Prints the baselines, tables for each model, and then what the whole
 * method gains on each of them.
 *
 * @returns false if it was interrupted.
 * @throws RangeError if two runs would share a folder, a model's name is no name of a folder, or there is no run;
 *   UsageError at the end if a run skipped too many steps; otherwise see `runModel`.
 */
export async function ablateModels(options: AblateModelsOptions): Promise<boolean> {
  const { models, seeds, whole, output, controls = true } = options;
  const file = path.join(output, 'models.json');
  const ablated = models.map(({ name, rows }) => ({ name, rows: controls ? withPermuted(rows, whole) : rows }));
  assertModels(ablated, seeds);
  return withFolderLock(output, async () => {
    await removeUnfinished(output);
    await assertOwnFigures(file);
    return ablateEach(file, { ...options, models: ablated });
  });
}

/** The rows, followed by the whole method on permuted contents. */
function withPermuted(rows: readonly AblationRow[], whole: string): readonly AblationRow[] {
  return withControls(rows, { readsContent: ({ name }) => name === whole, blank: [] });
}

function assertModels(models: readonly AblatedModel[], seeds: readonly number[]): void {
  const names = new Set<string>();
  for (const { name, rows } of models) {
    if (!/^[A-Za-z0-9_-]+$/.test(name) || names.has(name)) {
      throw new RangeError(
        `ablateModels: expected distinct names of letters, digits, - and _ for the models, got ${JSON.stringify(name)}`,
      );
    }
    names.add(name);
    assertDistinctFolders(
      'ablateModels',
      rows.map((row) => row.name),
      seeds,
    );
  }
  if (models.length === 0) throw new RangeError('ablateModels: expected at least one model, got none');
}

async function ablateEach(file: string, options: AblateModelsOptions): Promise<boolean> {
  const { models, data, steps, baseline, whole, output, print, shown } = options;
  const [metric] = tableMetrics(data.samples);
  const headings = metric === 'gaucByVisit' ? FIGURE_HEADINGS : WITHOUT_VISITS;
  const ablated: { readonly name: string; readonly rows: readonly ComparedRow[] }[] = [];
  const shared = { ...options, headings, beside: 'controls' } as const;
  printBaselines(data, print);
  for (const { name, rows } of models) {
    print(`\nRanking model ${name}`);
    const folder = path.join(output, name);
    await mkdir(folder, { recursive: true });
    const figures = path.join(folder, 'ablation.json');
    await assertOwnFigures(figures);
    const compared = await ablateRows(figures, { ...shared, rows, output: folder, model: name });
    if (compared === undefined) return false;
    ablated.push({ name, rows: compared });
  }
  const summaries = modelSummaries(ablated, { baseline, whole });
  for (const text of modelsTables(summaries, { metric, baseline, whole })) print(text);
  const content = { schema: 1, data: data.report, steps, metric, baseline, whole, models: summaries };
  await writeWhole(file, `${JSON.stringify(content, null, 2)}\n`);
  print(`\nFigures     ${shown(file)}`);
  assertFewSkipped(ablated.flatMap(({ rows }) => rows.flatMap(({ runs }) => runs)));
  return true;
}
