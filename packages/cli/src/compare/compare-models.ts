import path from 'node:path';
import { removeUnfinished } from '@sifaka/encoders/node';
import { CONTROL_KINDS, measure, type RankerOptions, type Report } from '@sifaka/trainer';
import { baselineScores } from '../run/baseline-scores.js';
import { withFolderLock } from '../run/folder-lock.js';
import { assertOwnFigures } from '../run/owned-files.js';
import type { PlanContext, PlannedRun } from '../run/planned-run.js';
import type { RunContext } from '../run/run-context.js';
import { runModel } from '../run/run-model.js';
import { assertFewSkipped, printSkippedSteps } from '../run/skipped-steps.js';
import type { StoppingOptions } from '../run/training-length.js';
import { writeWhole } from '../run/write-whole.js';
import { headingsFor, type MetricHeading, metricsTables, type ScorerMetrics } from '../tables/metrics-table.js';
import { blankModels, type ComparedModel, controlName, dataOf, explainControls, withControls } from './controls.js';
import { differencesOf, differenceTables, type ScoredTest } from './differences.js';
import { assertDistinctFolders, runFolderName } from './run-folder-name.js';
import { FIGURES, strongestBaseline, tableMetrics } from './table-metric.js';

/** A model that is trained once per seed. */
export interface Contender extends ComparedModel {
  readonly plan: (context: PlanContext) => PlannedRun;
}

export interface CompareModelsOptions extends RunContext, StoppingOptions {
  readonly contenders: readonly Contender[];
  readonly seeds: readonly number[];
  readonly batchSize: number;
  /** Keep finished runs, and continue the one that was interrupted. */
  readonly resume: boolean;
  /** Holds a folder `NAME-seed-SEED` for each run, and `comparison.json`. */
  readonly output: string;
  /**
   * Trains every contender that reads contents again on permuted ones, the first of them and the first of ids alone on
   * blank ones too, and prints what the contents bring. Doubles the time. Default true.
   */
  readonly controls?: boolean;
  /** Columns of the table, to which data by visit add theirs. Default: all but QAUC. */
  readonly headings?: readonly MetricHeading[];
}

interface Scorer extends ComparedModel, ScoredTest {}

/**
 * Trains every contender at every seed. Prints mean and deviation of the contenders and the baselines, and differences
 * with intervals by paired bootstrap over users, at each seed and of the means over seeds: of each contender from the
 * strongest baseline, from each later contender, and from its controls.
 *
 * @returns false if it was interrupted.
 * @throws RangeError if two runs would share a folder, or there is none; UsageError at the end if one skipped too
 *   many steps; otherwise see `runModel`.
 */
export async function compareModels(options: CompareModelsOptions): Promise<boolean> {
  const file = path.join(options.output, 'comparison.json');
  const contenders = contendersOf(options);
  assertDistinctFolders(
    'compareModels',
    contenders.map(({ name }) => name),
    options.seeds,
  );
  return withFolderLock(options.output, async () => {
    await removeUnfinished(options.output);
    await assertOwnFigures(file);
    return compareInto(file, { ...options, contenders });
  });
}

/** The contenders, followed by their controls. */
function contendersOf(options: CompareModelsOptions): readonly Contender[] {
  const { contenders, seeds, controls = true } = options;
  if (!controls || seeds.length === 0) return contenders;
  return withControls(contenders, {
    readsContent: (contender) => optionsOf(contender, options).content !== undefined,
    blank: blankModels(contenders, (contender) => optionsOf(contender, options)),
  });
}

function optionsOf({ plan }: Contender, { seeds, data }: CompareModelsOptions): RankerOptions {
  return plan({ seed: seeds[0]!, data }).options;
}

async function compareInto(file: string, options: CompareModelsOptions): Promise<boolean> {
  const { contenders, seeds, output, data, print, shown } = options;
  const headings = headingsFor(data.samples, options.headings);
  const scorers: Scorer[] = Object.entries(baselineScores(data)).map(([name, { testLogits }]) => ({
    name,
    logits: [testLogits],
  }));
  const reports: Report[] = [];
  for (const contender of contenders) {
    const { name, control } = contender;
    const logits: Float32Array[] = [];
    for (const seed of seeds) {
      const folder = path.join(output, runFolderName(name, seed));
      const contents = dataOf(contender, data, seed);
      const plan = contender.plan({ seed, data: contents });
      const planned = control === undefined ? plan : { ...plan, options: { ...plan.options, preset: name } };
      const finished = await runModel({ ...options, ...planned, data: contents, folder });
      if (finished === undefined) return false;
      logits.push(finished.testLogits);
      reports.push(finished.report);
    }
    scorers.push({ name, logits, ...(control && { control }) });
  }

  const summary = scorers.map(({ name, logits }) => ({
    name,
    seeds: logits.map((scores): ScorerMetrics => measure(scores, { ...data, indices: data.split.test })),
  }));
  for (const text of metricsTables(summary, headings)) print(text);

  const models = scorers.slice(-contenders.length).filter(({ control }) => control === undefined);
  const [metric] = tableMetrics(data.samples);
  const strongest = strongestBaseline(summary.slice(0, -contenders.length), metric);
  const baseline = scorers.find(({ name }) => name === strongest)!;
  const difference = ([a, b]: readonly [Scorer, Scorer]) => differencesOf(a, b, seeds, data);
  const differences = [...models.map((model) => [model, baseline] as const), ...pairs(models)].flatMap(difference);
  const effects = controlPairs(scorers, options).flatMap(difference);
  print('  Differences with 95 % intervals by paired bootstrap over users (1,000 resamples).');
  if (seeds.length > 1) print('  The first columns are of the means over seeds, the others of each seed alone.');
  print(`  The strongest baseline by ${FIGURES[metric].name} is ${strongest}.`);
  if (effects.length > 0) print(explainControls(scorers.map(({ control }) => control)));
  for (const table of differenceTables([...differences, ...effects], { seeds, data })) print(`\n${table}`);
  const content = { schema: 2, data: data.report, summary, strongestBaseline: strongest, differences, effects };
  await writeWhole(file, `${JSON.stringify(content, null, 2)}\n`);
  printSkippedSteps(reports, print);
  print(`\nFigures     ${shown(file)}`);
  assertFewSkipped(reports);
  return true;
}

/** Each model against its own controls, and on blank contents against the first model of ids alone. */
function controlPairs(scorers: readonly Scorer[], options: CompareModelsOptions): (readonly [Scorer, Scorer])[] {
  const byName = (name: string) => scorers.find((scorer) => scorer.name === name);
  const idsAlone = options.contenders.find((each) => optionsOf(each, options).content === undefined)?.name ?? '';
  const blankIds = byName(controlName(idsAlone, 'blank')) ?? byName(idsAlone);
  return scorers.flatMap((real) =>
    CONTROL_KINDS.flatMap((kind) => {
      const control = byName(controlName(real.name, kind));
      if (control === undefined) return [];
      const withIds = kind === 'blank' && blankIds !== undefined && control !== blankIds;
      return [[real, control] as const, ...(withIds ? [[control, blankIds] as const] : [])];
    }),
  );
}

/** Every scorer against every later one. */
function pairs(scorers: readonly Scorer[]): (readonly [Scorer, Scorer])[] {
  return scorers.flatMap((a, i) => scorers.slice(i + 1).map((b) => [a, b] as const));
}
