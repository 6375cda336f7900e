import { auc, logLossFromLogits } from '@sifaka/metrics';
import type { StepResult } from '../model/step-result.js';
import type { RunSums } from '../run/run-state.js';
import { RunningMeans } from '../run/running-means.js';
import type { OnlineCounts } from './online-counts.js';

/** One interval of a stream. Null: nothing to tell, such as the AUC of one class. */
export interface OnlineMetrics {
  /** Steps done. */
  readonly step: number;
  /** Of the interval's events, scored before they were learned from: evaluate, then train (Gama, Sebastião and Rodrigues, 2013). */
  readonly auc: number | null;
  readonly logLoss: number | null;
  /** The same for events on items of whose ids no step had learned anything. */
  readonly cold: { readonly events: number; readonly auc: number | null };
  /** Means of the steps' losses. */
  readonly loss: number | null;
  readonly ranking: number | null;
  readonly contrast: number | null;
  /** Of scoring and learning together. */
  readonly samplesPerSecond: number;
  /** Shares of the scored candidates, and of the histories' items, that had a vector in the bank. */
  readonly candidateCoverage: number | null;
  readonly historyCoverage: number | null;
  readonly stalenessCosine: number | null;
  /** Vectors in the bank. */
  readonly bankSize: number;
  /** What the interval added; in all: {@link OnlineTrainer.counts}. */
  readonly counts: OnlineCounts;
}

/** A batch that was scored and then learned from. */
export interface ScoredStep {
  readonly logits: Float32Array;
  readonly labels: Float32Array;
  /** `[B]`: 1 for a row on an item without a learned id. */
  readonly cold: Uint8Array;
  readonly candidatesFound: number;
  readonly seconds: number;
  readonly result: StepResult;
}

export interface MeterState {
  readonly logits: readonly number[];
  readonly labels: readonly number[];
  readonly cold: readonly number[];
  readonly sums: RunSums;
  /** At the interval's beginning. */
  readonly counts: OnlineCounts;
}

/** Gathers one interval's metrics; holds the scores of that interval only. */
export class PrequentialMeter {
  #logits: number[];
  #labels: number[];
  #cold: number[];
  #counts: OnlineCounts;
  readonly #means: RunningMeans;

  constructor(begin: Pick<MeterState, 'counts'> & Partial<MeterState>) {
    this.#logits = [...(begin.logits ?? [])];
    this.#labels = [...(begin.labels ?? [])];
    this.#cold = [...(begin.cold ?? [])];
    this.#means = new RunningMeans(begin.sums);
    this.#counts = begin.counts;
  }

  add({ logits, labels, cold, candidatesFound, seconds, result }: ScoredStep): void {
    this.#logits.push(...logits);
    this.#labels.push(...labels);
    this.#cold.push(...cold);
    for (const name of ['loss', 'ranking', 'contrast', 'stalenessCosine', 'historyFound', 'historyMissing'] as const) {
      this.#means.add(name, result[name]);
    }
    this.#means.add('samples', logits.length);
    this.#means.add('candidatesFound', candidatesFound);
    this.#means.add('seconds', seconds);
  }

  /** Ends the interval. */
  take(step: number, counts: OnlineCounts, bankSize: number): OnlineMetrics {
    const places = [...this.#logits.keys()];
    const all = this.#measure(places);
    const cold = places.filter((place) => this.#cold[place] === 1);
    const means = this.#means;
    const samples = means.take('samples') ?? 0;
    const found = means.take('historyFound') ?? 0;
    const missing = means.take('historyMissing') ?? 0;
    const before = this.#counts;
    const added = Object.fromEntries(
      (Object.keys(counts) as (keyof OnlineCounts)[]).map((name) => [name, counts[name] - before[name]]),
    );
    const metrics: OnlineMetrics = {
      step,
      ...all,
      cold: { events: cold.length, auc: this.#measure(cold).auc },
      loss: means.take('loss'),
      ranking: means.take('ranking'),
      contrast: means.take('contrast'),
      samplesPerSecond: samples / (means.take('seconds') ?? Number.POSITIVE_INFINITY),
      candidateCoverage: samples > 0 ? (means.take('candidatesFound') ?? 0) / samples : null,
      historyCoverage: found + missing > 0 ? found / (found + missing) : null,
      stalenessCosine: means.take('stalenessCosine'),
      bankSize,
      counts: { ...counts, ...added },
    };
    [this.#logits, this.#labels, this.#cold, this.#counts] = [[], [], [], counts];
    return metrics;
  }

  state(): MeterState {
    return {
      logits: [...this.#logits],
      labels: [...this.#labels],
      cold: [...this.#cold],
      sums: this.#means.sums,
      counts: this.#counts,
    };
  }

  #measure(places: readonly number[]): { auc: number | null; logLoss: number | null } {
    const finite = places.filter((place) => Number.isFinite(this.#logits[place])); // A step that diverged is skipped, and counted.
    if (finite.length === 0) return { auc: null, logLoss: null };
    const logits = finite.map((place) => this.#logits[place]!);
    const labels = finite.map((place) => this.#labels[place]!);
    const area = auc(logits, labels);
    return { auc: Number.isNaN(area) ? null : area, logLoss: logLossFromLogits(logits, labels) };
  }
}
