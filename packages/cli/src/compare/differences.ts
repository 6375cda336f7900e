import type { PairedBootstrapResult } from '@sifaka/metrics';
import type { Dataset } from '../dataset/dataset.js';
import { formatTable } from '../tables/format-table.js';
import { bootstrapDifference, differenceCells } from './bootstrap-difference.js';
import { FIGURES, type TableMetric, tableMetrics } from './table-metric.js';

/** A model or a baseline with its test logits: one set for each seed, or a single one for all. */
export interface ScoredTest {
  readonly name: string;
  readonly logits: readonly Float32Array[];
}

/** How much better `a` is than `b`. A metric is null if it is undefined on the test part. */
export interface Difference extends Readonly<Record<TableMetric, PairedBootstrapResult | null>> {
  readonly a: string;
  readonly b: string;
  /** Null for the means over all seeds. */
  readonly seed: number | null;
}

/** The difference of two scorers at each seed and, if there are several, of their means over seeds. */
export function differencesOf(a: ScoredTest, b: ScoredTest, seeds: readonly number[], data: Dataset): Difference[] {
  const metrics = tableMetrics(data.samples);
  const bootstrap = (seed: number | null, ofA: readonly Float32Array[], ofB: readonly Float32Array[]): Difference => {
    const by = (metric: TableMetric) =>
      metrics.includes(metric) ? bootstrapDifference(ofA, ofB, data, { metric }) : null;
    return { a: a.name, b: b.name, seed, auc: by('auc'), gauc: by('gauc'), gaucByVisit: by('gaucByVisit') };
  };
  const atSeed = seeds.map((seed, i) => bootstrap(seed, [pick(a, i)], [pick(b, i)]));
  if (seeds.length === 1) return atSeed;
  return [...atSeed, bootstrap(null, a.logits, b.logits)];
}

/** A baseline has one set of logits for all seeds. */
function pick({ logits }: ScoredTest, seed: number): Float32Array {
  return logits[Math.min(seed, logits.length - 1)]!;
}

/** A table for each figure: a row for each pair, with the interval of the means, and the difference at each seed. */
export function differenceTables(
  differences: readonly Difference[],
  { seeds, data }: { readonly seeds: readonly number[]; readonly data: Dataset },
): string[] {
  const many = seeds.length > 1;
  const pairs = differences.filter(({ seed }) => !many || seed === null);
  return tableMetrics(data.samples).map((metric) => {
    const atSeed = ({ a, b }: Difference, seed: number) =>
      differenceCells(differences.find((each) => each.a === a && each.b === b && each.seed === seed)![metric])[0];
    return formatTable([
      [FIGURES[metric].name, 'difference', '95 % interval', ...(many ? seeds.map((seed) => `seed ${seed}`) : [])],
      ...pairs.map((pair) => [
        `${pair.a} − ${pair.b}`,
        ...differenceCells(pair[metric]),
        ...(many ? seeds.map((seed) => atSeed(pair, seed)) : []),
      ]),
    ]);
  });
}
