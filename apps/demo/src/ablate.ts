import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MetricInputError, type PairedBootstrapResult, pairedBootstrap } from '@sifaka/metrics';
import { measure } from '@sifaka/trainer';
import { ABLATION_ROWS, type AblationRow, BASELINE, WHOLE } from './ablation-rows.js';
import { baselineScores } from './baseline-scores.js';
import type { DemoRun } from './demo-run.js';
import type { MovieLens } from './load-movielens.js';
import { meanAndDeviation, type ScorerMetrics } from './metrics-table.js';
import { withFirstStage } from './plan-run.js';
import { type FinishedRun, runPreset } from './run-preset.js';
import { figure, formatTable } from './table.js';

/** Ranking steps of every row, so that all have ranked as many samples. */
const DEFAULT_STEPS = 1500;

/** A finished row: its runs, one per seed, or a baseline's single set of scores. */
interface Measured {
  readonly row: Pick<AblationRow, 'name' | 'paper' | 'table'>;
  readonly logits: readonly Float32Array[];
  readonly metrics: readonly ScorerMetrics[];
  readonly runs: readonly FinishedRun['report'][];
}

/**
 * `npm run demo -- ablate`: the rows of LEMUR's Tables 2–6 over seeds, with what each costs, beside the paper's figures. Every run has a folder of
 * its own; finished ones are kept with `--resume`, so an interrupted table goes on where it was. @returns false if it was interrupted.
 */
export async function ablate(run: DemoRun): Promise<boolean> {
  const { arguments: given, data, output, print, shown } = run;
  const steps = given.steps ?? DEFAULT_STEPS;
  const chosen =
    given.rows === undefined ? ABLATION_ROWS : ABLATION_ROWS.filter(({ name }) => given.rows!.includes(name));
  const measured: Measured[] = Object.entries(baselineScores(data)).map(([name, { testLogits }]) =>
    measuredRow({ name, table: null, paper: null }, [testLogits], [], data),
  );
  // Seed by seed, so that a table that is interrupted has whole seeds.
  const finished = new Map<string, FinishedRun[]>();
  for (const seed of given.seeds) {
    for (const row of chosen) {
      const ended = await runPreset({
        ...run,
        ...withFirstStage({ ...row.options({ seed }), preset: row.name }, steps),
        batchSize: given.batchSize,
        folder: path.join(output, `${fileName(row.name)}-seed-${seed}`),
        resume: given.resume,
      });
      if (ended === undefined) return false;
      finished.set(row.name, [...(finished.get(row.name) ?? []), ended]);
    }
  }
  for (const row of chosen) {
    const runs = finished.get(row.name)!;
    const logits = runs.map(({ testLogits }) => testLogits);
    measured.push(
      measuredRow(
        row,
        logits,
        runs.map(({ report }) => report),
        data,
      ),
    );
  }

  const isCold = (sample: number) => data.cold[data.samples.items[sample]!] === 1;
  const rows = measured.map((each) => ({
    ...each,
    againstBaseline: compareWith(measured, BASELINE, each, data),
    againstWhole: compareWith(measured, WHOLE, each, data),
    cold: {
      againstBaseline: compareWith(measured, BASELINE, each, data, isCold),
      againstWhole: compareWith(measured, WHOLE, each, data, isCold),
    },
  }));
  print(
    `\n  Test GAUC by user, mean ± sd over ${given.seeds.length} seed(s); ${steps} ranking steps of ${given.batchSize}.`,
  );
  print('  Differences: of means over seeds, with 95 % intervals by paired bootstrap over users.\n');
  print(
    formatTable([
      ['Row', 'table', 'GAUC', `− ${BASELINE}`, `− ${WHOLE}`, 'paper, %', 'here, %', 'step ms', 'staleness'],
      ...rows.map(({ row, metrics, runs, againstBaseline, againstWhole }) => [
        row.name,
        String(row.table ?? '–'),
        meanAndDeviation(metrics.map(({ all }) => all.gauc.bySamples)),
        difference(againstBaseline),
        difference(againstWhole),
        row.paper === null ? '–' : signed(row.paper, 2),
        relative(
          metrics,
          measured.find(({ row: { name } }) => name === BASELINE),
        ),
        runs.length === 0 ? '–' : meanOf(runs.map(({ throughput }) => throughput.stepMs['total']!)).toFixed(0),
        runs.length === 0
          ? '–'
          : figure(meanOf(runs.map(({ bank }) => bank.inspection?.staleness.mean ?? Number.NaN)), 3),
      ]),
    ]),
  );
  print('\n  The same on cold items, which no event in train was on.\n');
  print(
    formatTable([
      ['Row', 'cold GAUC', `− ${BASELINE}`, `− ${WHOLE}`],
      ...rows.map(({ row, metrics, cold }) => [
        row.name,
        meanAndDeviation(metrics.map((each) => each.cold.gauc.bySamples)),
        difference(cold.againstBaseline),
        difference(cold.againstWhole),
      ]),
    ]),
  );
  const file = path.join(output, 'ablation.json');
  const content = rows.map(({ row, metrics, runs, againstBaseline, againstWhole, cold }) => ({
    ...row,
    metrics,
    againstBaseline,
    againstWhole,
    cold,
    runs: runs.map(({ seed, throughput, bank }) => ({ seed, throughput, bank })),
  }));
  await writeFile(file, `${JSON.stringify({ schema: 1, data: data.report, steps, rows: content }, null, 2)}\n`);
  print(`\nFigures     ${shown(file)}`);
  return true;
}

function measuredRow(
  row: Measured['row'],
  logits: readonly Float32Array[],
  runs: Measured['runs'],
  data: MovieLens,
): Measured {
  return { row, logits, runs, metrics: logits.map((scores) => measure(scores, { ...data, indices: data.split.test })) };
}

/** By GAUC, of all test samples or of those that are in; null against itself, where the other was not run, or where the test part has no GAUC. */
function compareWith(
  all: readonly Measured[],
  name: string,
  { row, logits }: Measured,
  { samples, split }: MovieLens,
  isIn: (sample: number) => boolean = () => true,
): PairedBootstrapResult | null {
  const other = all.find((each) => each.row.name === name);
  if (other === undefined || row.name === name) return null;
  const chosen = Array.from(split.test.keys()).filter((place) => isIn(split.test[place]!));
  const pick = (runs: readonly Float32Array[]) => runs.map((scores) => chosen.map((place) => scores[place]!));
  try {
    return pairedBootstrap({
      a: pick(logits),
      b: pick(other.logits),
      labels: chosen.map((place) => samples.labels[split.test[place]!]!),
      groups: chosen.map((place) => samples.users[split.test[place]!]!),
      metric: 'gauc',
      seed: 1,
    });
  } catch (error) {
    if (MetricInputError.isInstance(error)) return null;
    throw error;
  }
}

function difference(result: PairedBootstrapResult | null): string {
  return result === null ? '–' : `${signed(result.difference)} [${signed(result.low)}, ${signed(result.high)}]`;
}

/** Gain over the baseline in per cent of its GAUC, as the paper counts. */
function relative(metrics: readonly ScorerMetrics[], baseline: Measured | undefined): string {
  if (baseline === undefined) return '–';
  const gauc = (each: readonly ScorerMetrics[]) => meanOf(each.map(({ all }) => all.gauc.bySamples));
  return signed(100 * (gauc(metrics) / gauc(baseline.metrics) - 1), 2);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function signed(value: number, digits = 4): string {
  if (Number.isNaN(value)) return '–';
  return `${value >= 0 ? '+' : '−'}${figure(Math.abs(value), digits)}`;
}

function fileName(row: string): string {
  return row.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}
