import path from 'node:path';
import type { PairedBootstrapResult } from '@sifaka/metrics';
import { CONTROL_KINDS, measure, type Report } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from '../run/baseline-scores.js';
import { withFolderLock } from '../run/folder-lock.js';
import { assertOwnFigures } from '../run/owned-files.js';
import type { PlanContext, PlannedRun } from '../run/planned-run.js';
import type { RunContext } from '../run/run-context.js';
import { runModel } from '../run/run-model.js';
import { assertFewSkipped, printSkippedSteps } from '../run/skipped-steps.js';
import type { StoppingOptions } from '../run/training-length.js';
import { removeUnfinished, writeWhole } from '../run/write-whole.js';
import { formatTable } from '../tables/format-table.js';
import { headingsFor, type MetricHeading, metricCells, type ScorerMetrics } from '../tables/metrics-table.js';
import { bootstrapDifference, differenceCells } from './bootstrap-difference.js';
import { type ComparedModel, controlName, dataOf, withControls } from './controls.js';
import { assertDistinctFolders, runFolderName } from './run-folder-name.js';

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
   * Trains every contender that reads contents again on permuted ones, and the first of them on blank ones too, and
   * prints what the contents bring. Doubles the time. Default true.
   */
  readonly controls?: boolean;
  /** Columns of the table, to which data by visit add theirs. Default: all but QAUC. */
  readonly headings?: readonly MetricHeading[];
}

/** A model or a baseline with its test logits: one set for each seed, or a single one for all. */
interface Scorer extends ComparedModel {
  readonly logits: readonly Float32Array[];
}

/** How much better `a` is than `b`. A metric is null if it is undefined on the test part. */
interface Difference {
  readonly a: string;
  readonly b: string;
  /** Null for the means over all seeds. */
  readonly seed: number | null;
  readonly auc: PairedBootstrapResult | null;
  readonly gauc: PairedBootstrapResult | null;
  /** Null too unless histories end where visits begin. */
  readonly gaucByVisit: PairedBootstrapResult | null;
}

/**
 * Trains every contender at every seed. Prints mean and deviation of the contenders and the baselines, and the
 * difference of each contender from each earlier scorer, with an interval by paired bootstrap over users: at each seed,
 * and of the means over seeds. Then it prints the difference of each contender from its controls.
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
function contendersOf({ contenders, seeds, data, controls = true }: CompareModelsOptions): readonly Contender[] {
  const [seed] = seeds;
  if (!controls || seed === undefined) return contenders;
  const readsContent = ({ plan }: Contender) => plan({ seed, data }).options.content !== undefined;
  return withControls(contenders, { readsContent, blank: contenders.find(readsContent)?.name });
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
  const rows = summary.map((scorer) => [scorer.name, ...metricCells(scorer.seeds, headings)]);
  print(`\n${formatTable([['Test, mean ± sd over seeds', ...headings], ...rows])}\n`);

  const real = scorers.filter(({ control }) => control === undefined);
  const models = real.slice(-contenders.length);
  const differences = pairs(real)
    .filter(([a]) => models.includes(a))
    .flatMap(([a, b]) => differencesOf(a, b, seeds, data));
  print('  Differences, with 95 % intervals by paired bootstrap over users (1,000 resamples):\n');
  print(formatTable(differenceRows(differences, data)));
  const effects = controlPairs(scorers).flatMap(([a, b]) => differencesOf(a, b, seeds, data));
  if (effects.length > 0) {
    print('\n  What the contents bring: real − permuted. (Real − blank has the same model without any content.)\n');
    print(formatTable(differenceRows(effects, data)));
  }
  const content = { schema: 1, data: data.report, summary, differences, effects };
  await writeWhole(file, `${JSON.stringify(content, null, 2)}\n`);
  printSkippedSteps(reports, print);
  print(`\nFigures     ${shown(file)}`);
  assertFewSkipped(reports);
  return true;
}

/** Each model against its own controls. */
function controlPairs(scorers: readonly Scorer[]): (readonly [real: Scorer, control: Scorer])[] {
  return scorers.flatMap((real) =>
    CONTROL_KINDS.flatMap((kind) => {
      const control = scorers.find(({ name }) => name === controlName(real.name, kind));
      return control === undefined ? [] : [[real, control] as const];
    }),
  );
}

/** Every later scorer against every earlier one. */
function pairs(scorers: readonly Scorer[]): (readonly [Scorer, Scorer])[] {
  return scorers.flatMap((a, i) => scorers.slice(0, i).map((b) => [a, b] as const));
}

function differencesOf(a: Scorer, b: Scorer, seeds: readonly number[], data: Dataset): Difference[] {
  const bootstrap = (seed: number | null, ofA: readonly Float32Array[], ofB: readonly Float32Array[]): Difference => ({
    a: a.name,
    b: b.name,
    seed,
    auc: bootstrapDifference(ofA, ofB, data, { metric: 'auc' }),
    gauc: bootstrapDifference(ofA, ofB, data, { metric: 'gauc' }),
    gaucByVisit: isByVisit(data) ? bootstrapDifference(ofA, ofB, data, { metric: 'gaucByVisit' }) : null,
  });
  const atSeed = seeds.map((seed, i) => bootstrap(seed, [pick(a, i)], [pick(b, i)]));
  if (seeds.length === 1) return atSeed;
  return [...atSeed, bootstrap(null, a.logits, b.logits)];
}

/** A baseline has one set of logits for all seeds. */
function pick({ logits }: Scorer, seed: number): Float32Array {
  return logits[Math.min(seed, logits.length - 1)]!;
}

function differenceRows(differences: readonly Difference[], data: Dataset): string[][] {
  const byVisit = isByVisit(data);
  return [
    ['Pair', 'seed', 'AUC', 'interval', 'GAUC', 'interval', ...(byVisit ? ['by visit', 'interval'] : [])],
    ...differences.map(({ a, b, seed, auc, gauc, gaucByVisit }) => [
      ...[`${a} − ${b}`, String(seed ?? 'all'), ...differenceCells(auc), ...differenceCells(gauc)],
      ...(byVisit ? differenceCells(gaucByVisit) : []),
    ]),
  ];
}

function isByVisit({ samples }: Dataset): boolean {
  return samples.historyAsOf === 'visit';
}
