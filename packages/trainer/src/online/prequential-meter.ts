import { auc, logLossFromLogits } from '@sifaka/metrics';
import type { StepResult } from '../model/step-result.js';
import type { RunSums } from '../run/run-state.js';
import { RunningMeans } from '../run/running-means.js';
import type { OnlineCounts } from './online-counts.js';

/** Metrics of one interval of a stream. Null if they do not exist, such as the AUC of a single class. */
export interface OnlineMetrics {
  /** Number of finished steps. */
  readonly step: number;
  /**
   * AUC of the interval's events, each scored before it is learned from: prequential evaluation (Gama, Sebastião and
   * Rodrigues, "On evaluating stream learning algorithms", 2013).
   */
  readonly auc: number | null;
  readonly logLoss: number | null;
  /** The same for the events whose item id had not been trained. */
  readonly cold: { readonly events: number; readonly auc: number | null };
  /** Means of the steps' losses. */
  readonly loss: number | null;
  readonly ranking: number | null;
  readonly contrast: number | null;
  /** Throughput of scoring and learning together. */
  readonly samplesPerSecond: number;
  /** Share of the candidates that had a vector in the bank. */
  readonly candidateCoverage: number | null;
  /** Share of the history items that had a vector in the bank. */
  readonly historyCoverage: number | null;
  readonly stalenessCosine: number | null;
  /** Number of vectors in the bank. */
  readonly bankSize: number;
  /** Counts of this interval; {@link OnlineTrainer.counts} has the totals. */
  readonly counts: OnlineCounts;
}

/** A batch that was scored and then learned from. */
export interface ScoredStep {
  readonly logits: Float32Array;
  readonly labels: Float32Array;
  /** `[B]`: 1 for a row whose item id had not been trained. */
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
  /** Total counts at the start of the interval. */
  readonly counts: OnlineCounts;
}

/** Measures a stream interval by interval. Holds the scores of the current interval only. */
export class PrequentialMeter {
  #logits: number[];
  #labels: number[];
  #cold: number[];
  #counts: OnlineCounts;
  readonly #means: RunningMeans;

  constructor(state: Pick<MeterState, 'counts'> & Partial<MeterState>) {
    this.#logits = [...(state.logits ?? [])];
    this.#labels = [...(state.labels ?? [])];
    this.#cold = [...(state.cold ?? [])];
    this.#means = new RunningMeans(state.sums);
    this.#counts = state.counts;
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

  /** Ends the interval. @returns its metrics */
  take(step: number, counts: OnlineCounts, bankSize: number): OnlineMetrics {
    const positions = [...this.#logits.keys()];
    const all = this.#measure(positions);
    const cold = positions.filter((position) => this.#cold[position] === 1);
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

  #measure(positions: readonly number[]): { auc: number | null; logLoss: number | null } {
    // A step that diverged gives no finite score. It is skipped and counted.
    const finite = positions.filter((position) => Number.isFinite(this.#logits[position]));
    if (finite.length === 0) return { auc: null, logLoss: null };
    const logits = finite.map((position) => this.#logits[position]!);
    const labels = finite.map((position) => this.#labels[position]!);
    const area = auc(logits, labels);
    return { auc: Number.isNaN(area) ? null : area, logLoss: logLossFromLogits(logits, labels) };
  }
}
