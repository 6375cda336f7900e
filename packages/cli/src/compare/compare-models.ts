import path from 'node:path';
import type { PairedBootstrapResult } from '@sifaka/metrics';
import { measure, type Report } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from '../run/baseline-scores.js';
import { withFolderLock } from '../run/folder-lock.js';
import { assertOwnFigures } from '../run/owned-files.js';
import type { PlannedRun } from '../run/planned-run.js';
import type { RunContext } from '../run/run-context.js';
import { runModel } from '../run/run-model.js';
import { assertFewSkipped, printSkippedSteps } from '../run/skipped-steps.js';
import { removeUnfinished, writeWhole } from '../run/write-whole.js';
import { formatTable } from '../tables/format-table.js';
import { headingsFor, type MetricHeading, metricCells, type ScorerMetrics } from '../tables/metrics-table.js';
import { bootstrapDifference, differenceCells } from './bootstrap-difference.js';
import { assertDistinctFolders, runFolderName } from './run-folder-name.js';

/** A model that is trained once per seed. */
export interface Contender {
  readonly name: string;
  readonly plan: (run: { readonly seed: number }) => PlannedRun;
}

export interface CompareModelsOptions extends RunContext {
  readonly contenders: readonly Contender[];
  readonly seeds: readonly number[];
  readonly batchSize: number;
  /** Keep finished runs, and continue the one that was interrupted. */
  readonly resume: boolean;
  /** Holds a folder `NAME-seed-SEED` for each run, and `comparison.json`. */
  readonly output: string;
  /** Columns of the table, to which data by visit add theirs. Default: all but QAUC. */
  readonly headings?: readonly MetricHeading[];
}

/** A model or a baseline with its test logits: one set for each seed, or a single one for all. */
interface Scorer {
  readonly name: string;
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
 * difference of each pair with an interval by paired bootstrap over users: at each seed, and of the means over seeds.
 *
 * @returns false if it was interrupted.
 * @throws RangeError if two runs would share a folder, or there is none; UsageError at the end if one skipped too
 *   many steps; otherwise see `runModel`.
 */
export async function compareModels(options: CompareModelsOptions): Promise<boolean> {
  const file = path.join(options.output, 'comparison.json');
  assertDistinctFolders(
    'compareModels',
    options.contenders.map(({ name }) => name),
    options.seeds,
  );
  return withFolderLock(options.output, async () => {
    await removeUnfinished(options.output);
    await assertOwnFigures(file);
    return compareInto(file, options);
  });
}

async function compareInto(file: string, options: CompareModelsOptions): Promise<boolean> {
  const { contenders, seeds, output, data, print, shown } = options;
  const headings = headingsFor(data.samples, options.headings);
  const scorers: Scorer[] = Object.entries(baselineScores(data)).map(([name, { testLogits }]) => ({
    name,
    logits: [testLogits],
  }));
  const reports: Report[] = [];
  for (const { name, plan } of contenders) {
    const logits: Float32Array[] = [];
    for (const seed of seeds) {
      const folder = path.join(output, runFolderName(name, seed));
      const finished = await runModel({ ...options, ...plan({ seed }), folder });
      if (finished === undefined) return false;
      logits.push(finished.testLogits);
      reports.push(finished.report);
    }
    scorers.push({ name, logits });
  }

  const summary = scorers.map(({ name, logits }) => ({
    name,
    seeds: logits.map((scores): ScorerMetrics => measure(scores, { ...data, indices: data.split.test })),
  }));
  const rows = summary.map((scorer) => [scorer.name, ...metricCells(scorer.seeds, headings)]);
  print(`\n${formatTable([['Test, mean ± sd over seeds', ...headings], ...rows])}\n`);

  const differences = pairs(scorers).flatMap(([a, b]) => differencesOf(a, b, seeds, data));
  print('  Differences, with 95 % intervals by paired bootstrap over users (1,000 resamples):\n');
  print(formatTable(differenceRows(differences, data)));
  await writeWhole(file, `${JSON.stringify({ schema: 1, data: data.report, summary, differences }, null, 2)}\n`);
  printSkippedSteps(reports, print);
  print(`\nFigures     ${shown(file)}`);
  assertFewSkipped(reports);
  return true;
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
  if (seeds.length === 1 || (a.logits.length === 1 && b.logits.length === 1)) return atSeed.slice(0, 1);
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
