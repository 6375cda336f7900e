import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type PairedBootstrapResult, pairedBootstrap } from '@sifaka/metrics';
import { type Metrics, measure } from '@sifaka/trainer';
import type { DemoRun } from './cli.js';
import { defaultSteps } from './default-steps.js';
import type { MovieLens } from './load-movielens.js';
import { presetOptions } from './preset-options.js';
import { baselineLogits, runPreset } from './run-preset.js';
import { figure, formatTable } from './table.js';

/** One scorer's logits on test, for each of its seeds. */
interface Contender {
  readonly name: string;
  readonly logits: readonly Float32Array[];
}

/**
 * `npm run demo -- compare`: every preset at every seed, mean and deviation beside the baselines, and the difference of each pair with an
 * interval by paired bootstrap over users. Finished runs are kept with `--resume`. @returns false if it was interrupted.
 */
export async function compare(run: DemoRun): Promise<boolean> {
  const { arguments: given, data, engine, output, signal } = run;
  const contenders: Contender[] = Object.entries(baselineLogits(data, data.split.test)).map(([name, logits]) => ({
    name,
    logits: [logits],
  }));
  for (const preset of given.presets) {
    const logits: Float32Array[] = [];
    for (const seed of given.seeds) {
      const finished = await runPreset({
        data,
        engine,
        options: presetOptions(preset, seed),
        steps: given.steps ?? defaultSteps(preset),
        batchSize: given.batchSize,
        folder: path.join(output, `${preset}-seed-${seed}`),
        resume: given.resume,
        signal,
      });
      if (finished === undefined) return false;
      logits.push(finished.testLogits);
    }
    contenders.push({ name: preset, logits });
  }
  const summary = contenders.map(({ name, logits }) => ({
    name,
    seeds: logits.map((scores) => metricsOf(scores, data)),
  }));
  console.log(
    `\n${formatTable([['Test, mean ± sd over seeds', 'AUC', 'GAUC', 'log loss', 'cold-item AUC'], ...summary.map(summaryRow)])}\n`,
  );

  const differences = pairs(contenders).flatMap(([a, b]) =>
    given.seeds.map((seed, i) => ({ a: a.name, b: b.name, seed, ...bootstrap(pick(a, i), pick(b, i), data) })),
  );
  console.log('  Differences, with 95 % intervals by paired bootstrap over users (1,000 resamples):\n');
  console.log(
    formatTable([['Pair', 'seed', 'AUC', 'interval', 'GAUC', 'interval'], ...differences.map(differenceRow)]),
  );
  await mkdir(output, { recursive: true });
  const file = path.join(output, 'comparison.json');
  await writeFile(file, `${JSON.stringify({ schema: 1, data: data.report, summary, differences }, null, 2)}\n`);
  console.log(`\nFigures     ${file}`);
  return true;
}

interface SeedMetrics {
  readonly all: Metrics;
  readonly cold: Metrics;
}

function metricsOf(logits: Float32Array, data: MovieLens): SeedMetrics {
  return measure(logits, { ...data, indices: data.split.test });
}

function summaryRow({ name, seeds }: { name: string; seeds: readonly SeedMetrics[] }): string[] {
  const column = (of: (metrics: SeedMetrics) => number) => meanAndDeviation(seeds.map(of));
  return [
    name,
    column(({ all }) => all.auc),
    column(({ all }) => all.gauc.bySamples),
    column(({ all }) => all.logLoss),
    column(({ cold }) => cold.auc),
  ];
}

function meanAndDeviation(values: readonly number[]): string {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  if (values.length === 1) return figure(mean);
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  return `${figure(mean)} ± ${figure(Math.sqrt(variance))}`;
}

/** Every later contender against every earlier one. */
function pairs(contenders: readonly Contender[]): (readonly [Contender, Contender])[] {
  return contenders
    .flatMap((a, i) => contenders.slice(0, i).map((b) => [a, b] as const))
    .filter(([a]) => a.logits.length > 0);
}

/** A baseline has one set of scores for all seeds. */
function pick({ logits }: Contender, seed: number): Float32Array {
  return logits[Math.min(seed, logits.length - 1)]!;
}

function bootstrap(
  a: Float32Array,
  b: Float32Array,
  { samples, split }: MovieLens,
): { auc: PairedBootstrapResult; gauc: PairedBootstrapResult } {
  const labels = Float32Array.from(split.test, (sample) => samples.labels[sample]!);
  const groups = Int32Array.from(split.test, (sample) => samples.users[sample]!);
  const shared = { a, b, labels, groups, seed: 1 };
  return { auc: pairedBootstrap({ ...shared, metric: 'auc' }), gauc: pairedBootstrap({ ...shared, metric: 'gauc' }) };
}

function differenceRow({
  a,
  b,
  seed,
  auc,
  gauc,
}: {
  a: string;
  b: string;
  seed: number;
  auc: PairedBootstrapResult;
  gauc: PairedBootstrapResult;
}): string[] {
  const signed = (value: number) => `${value >= 0 ? '+' : '−'}${figure(Math.abs(value))}`;
  const interval = ({ low, high }: PairedBootstrapResult) => `[${signed(low)}, ${signed(high)}]`;
  return [`${a} − ${b}`, String(seed), signed(auc.difference), interval(auc), signed(gauc.difference), interval(gauc)];
}
