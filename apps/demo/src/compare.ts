import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MetricInputError, type PairedBootstrapResult, pairedBootstrap } from '@sifaka/metrics';
import { measure } from '@sifaka/trainer';
import { baselineScores } from './baseline-scores.js';
import type { DemoRun } from './demo-run.js';
import type { MovieLens } from './load-movielens.js';
import { metricCells, metricHeadings, type ScorerMetrics } from './metrics-table.js';
import { planRun } from './plan-run.js';
import { runPreset } from './run-preset.js';
import { figure, formatTable } from './table.js';

/** One scorer's logits on test, for each of its seeds. */
interface Contender {
  readonly name: string;
  readonly logits: readonly Float32Array[];
}

/** How much better `a` is than `b`; null where the test part has no such figure. */
interface Difference {
  readonly a: string;
  readonly b: string;
  /** Null: the means over all seeds. */
  readonly seed: number | null;
  readonly auc: PairedBootstrapResult | null;
  readonly gauc: PairedBootstrapResult | null;
}

/**
 * `npm run demo -- compare`: every preset at every seed, mean and deviation beside the baselines, and the difference of each pair, at each seed and
 * of the means over seeds, with an interval by paired bootstrap over users. Finished runs are kept with `--resume`. @returns false if it was interrupted.
 */
export async function compare(run: DemoRun): Promise<boolean> {
  const { arguments: given, data, output, print, shown } = run;
  const contenders: Contender[] = Object.entries(baselineScores(data)).map(([name, { testLogits }]) => ({
    name,
    logits: [testLogits],
  }));
  for (const preset of given.presets) {
    const logits: Float32Array[] = [];
    for (const seed of given.seeds) {
      const finished = await runPreset({
        ...run,
        ...planRun(preset, { seed, steps: given.steps, query: given.query }),
        batchSize: given.batchSize,
        folder: path.join(output, `${preset}-seed-${seed}`),
        resume: given.resume,
      });
      if (finished === undefined) return false;
      logits.push(finished.testLogits);
    }
    contenders.push({ name: preset, logits });
  }
  const summary = contenders.map(({ name, logits }) => ({
    name,
    seeds: logits.map((scores): ScorerMetrics => measure(scores, { ...data, indices: data.split.test })),
  }));
  const headings = metricHeadings(given.query);
  const rows = summary.map(({ name, seeds }) => [name, ...metricCells(seeds, headings)]);
  print(`\n${formatTable([['Test, mean ± sd over seeds', ...headings], ...rows])}\n`);

  const differences: Difference[] = pairs(contenders).flatMap(([a, b]) => {
    const names = { a: a.name, b: b.name };
    const each = given.seeds.map((seed, i) => ({ ...names, seed, ...bootstrap(pick(a, i), pick(b, i), data) }));
    if (given.seeds.length === 1 || (a.logits.length === 1 && b.logits.length === 1)) return each.slice(0, 1);
    return [...each, { ...names, seed: null, ...bootstrap(a.logits, b.logits, data) }];
  });
  print('  Differences, with 95 % intervals by paired bootstrap over users (1,000 resamples):\n');
  print(formatTable([['Pair', 'seed', 'AUC', 'interval', 'GAUC', 'interval'], ...differences.map(differenceRow)]));
  const file = path.join(output, 'comparison.json');
  await writeFile(file, `${JSON.stringify({ schema: 1, data: data.report, summary, differences }, null, 2)}\n`);
  print(`\nFigures     ${shown(file)}`);
  return true;
}

/** Every later contender against every earlier one. */
function pairs(contenders: readonly Contender[]): (readonly [Contender, Contender])[] {
  return contenders.flatMap((a, i) => contenders.slice(0, i).map((b) => [a, b] as const));
}

/** A baseline has one set of scores for all seeds. */
function pick({ logits }: Contender, seed: number): Float32Array {
  return logits[Math.min(seed, logits.length - 1)]!;
}

/** Logits of one run, or of several whose figures are averaged. */
type Scores = Float32Array | readonly Float32Array[];

function bootstrap(a: Scores, b: Scores, { samples, split }: MovieLens): Pick<Difference, 'auc' | 'gauc'> {
  const labels = Float32Array.from(split.test, (sample) => samples.labels[sample]!);
  const groups = Int32Array.from(split.test, (sample) => samples.users[sample]!);
  const shared = { a, b, labels, groups, seed: 1 };
  const of = (metric: 'auc' | 'gauc'): PairedBootstrapResult | null => {
    try {
      return pairedBootstrap({ ...shared, metric });
    } catch (error) {
      // A test part without both classes (or, for GAUC, without a user who has both) has no such figure: the table shows a dash.
      if (MetricInputError.isInstance(error)) return null;
      throw error;
    }
  };
  return { auc: of('auc'), gauc: of('gauc') };
}

function differenceRow({ a, b, seed, auc, gauc }: Difference): string[] {
  const signed = (value: number) => `${value >= 0 ? '+' : '−'}${figure(Math.abs(value))}`;
  const cells = (result: PairedBootstrapResult | null) =>
    result === null ? ['–', '–'] : [signed(result.difference), `[${signed(result.low)}, ${signed(result.high)}]`];
  return [`${a} − ${b}`, String(seed ?? 'all'), ...cells(auc), ...cells(gauc)];
}
