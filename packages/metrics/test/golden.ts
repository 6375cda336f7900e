import { readFileSync } from 'node:fs';
import type { GaucVariant } from '@sifaka/metrics';

interface Golden {
  readonly groups: number[];
  readonly labels: number[];
  readonly a: number[];
  readonly b: number[];
  readonly probabilities: number[];
  readonly auc: { readonly a: number; readonly b: number };
  readonly gauc: Record<GaucVariant, { value: number; groups: number; usableGroups: number; usableSamples: number }>;
  readonly logLoss: number;
  readonly logLossOfCertainAndWrong: number;
  readonly calibration: { readonly observed: number[]; readonly predicted: number[] };
  readonly ndcg: Record<string, number>;
  readonly ndcgOfOneList: number;
  readonly bootstrap: Record<'auc' | 'gauc', { readonly low: number; readonly high: number }>;
}

/** Values of scikit-learn and scipy, made by `tools/golden/metrics/generate.py`. */
export const golden: Golden = JSON.parse(readFileSync(new URL('golden/metrics.json', import.meta.url), 'utf8'));
