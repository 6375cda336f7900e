import { type Samples, sequentialBatches } from '@sifaka/data';
import { auc, gauc, logLossFromLogits, qauc } from '@sifaka/metrics';
import { assertFinite } from '../model/divergence-error.js';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { historiesOf } from '../model/sequences.js';
import { distinctInputs } from './distinct-inputs.js';

/** Metrics of some events. */
export interface Metrics {
  readonly events: number;
  readonly auc: number;
  /** AUC within each user, weighted by samples, over the users with both classes. `usableGroups` counts these users. */
  readonly gauc: {
    readonly bySamples: number;
    readonly usableGroups: number;
    /** AUC within each visit (session). NaN if no visit has both classes. */
    readonly byVisit: {
      /** Mean over visits, weighted by samples. */
      readonly weighted: number;
      /** Plain mean over visits. */
      readonly mean: number;
      /** Number of visits with both classes. */
      readonly usableVisits: number;
    };
  };
  /**
   * LEMUR's metric: AUC within each query id, averaged over the queries with both classes. NaN if there is no such
   * query.
   */
  readonly qauc: {
    readonly value: number;
    /** Number of queries with both classes. */
    readonly usableGroups: number;
    /** Number of their events. */
    readonly usableSamples: number;
  };
  readonly logLoss: number;
}

export interface Evaluation {
  /** `[N]`, in the order of `indices`. */
  readonly logits: Float32Array;
  readonly all: Metrics;
  /** Of the events whose item has no event in train. */
  readonly cold: Metrics;
}

export interface EvaluateOptions {
  readonly samples: Samples;
  /** The samples to score, such as one part of a split. */
  readonly indices: Int32Array;
  /** By item id: 1 for a cold item. */
  readonly cold: Uint8Array;
  /** Default 512. */
  readonly batchSize?: number;
}

/**
 * Scores samples with the model's present weights. Candidates and histories are encoded into a new bank, so nothing of
 * validation or test reaches the training bank, and cold items have a vector. Samples of equal inputs, such as the cold
 * items of a visit in an id-only model, have equal logits.
 *
 * @throws {@link DivergenceError} if item vectors or logits are not finite.
 */
export function evaluate(model: MultimodalRanker, options: EvaluateOptions): Evaluation {
  const { samples, indices, batchSize = 512 } = options;
  const distinct = distinctInputs(model, samples, indices);
  const histories = historiesOf(model.options);
  const batches = [...sequentialBatches({ samples, indices: distinct.samples, batchSize, histories })];
  const needed = new Set<number>();
  for (const { items, histories } of batches) {
    for (const ids of [items, ...Object.values(histories).map((history) => history.items)]) {
      for (const id of ids) if (id >= 0) needed.add(id);
    }
  }
  const vectors = model.encodeBank(Int32Array.from(needed)).reader();
  const scores = new Float32Array(distinct.samples.length);
  let offset = 0;
  for (const batch of batches) {
    scores.set(model.predict(batch, vectors), offset);
    offset += batch.size;
  }
  const logits = Float32Array.from(distinct.positions, (position) => scores[position]!);
  assertFinite('evaluate', 'logits', logits);
  return { logits, ...measure(logits, options) };
}

/** Measures the logits of any scorer, `[N]` in the order of `indices`, on all events and on those of cold items. */
export function measure(logits: Float32Array, { samples, indices, cold }: EvaluateOptions): Omit<Evaluation, 'logits'> {
  const all = [...indices.keys()];
  const ofCold = all.filter((position) => cold[samples.items[indices[position]!]!] === 1);
  const metricsAt = (positions: readonly number[]) =>
    metricsOf(
      Float32Array.from(positions, (position) => logits[position]!),
      Float32Array.from(positions, (position) => samples.labels[indices[position]!]!),
      Int32Array.from(positions, (position) => samples.users[indices[position]!]!),
      Int32Array.from(positions, (position) => samples.sessions[indices[position]!]!),
      Int32Array.from(positions, (position) => samples.queryIds[indices[position]!]!),
    );
  return { all: metricsAt(all), cold: metricsAt(ofCold) };
}

function metricsOf(
  logits: Float32Array,
  labels: Float32Array,
  users: Int32Array,
  sessions: Int32Array,
  queries: Int32Array,
): Metrics {
  if (logits.length === 0) {
    return {
      events: 0,
      auc: Number.NaN,
      gauc: {
        bySamples: Number.NaN,
        usableGroups: 0,
        byVisit: { weighted: Number.NaN, mean: Number.NaN, usableVisits: 0 },
      },
      qauc: { value: Number.NaN, usableGroups: 0, usableSamples: 0 },
      logLoss: Number.NaN,
    };
  }
  const byUser = gauc(logits, labels, users, { variant: 'bySamples' });
  const byVisit = gauc(logits, labels, sessions, { variant: 'bySamples' });
  const byQuery = qauc(logits, labels, queries);
  return {
    events: logits.length,
    auc: auc(logits, labels),
    gauc: {
      bySamples: byUser.value,
      usableGroups: byUser.usableGroups,
      byVisit: {
        weighted: byVisit.value,
        mean: gauc(logits, labels, sessions, { variant: 'mean' }).value,
        usableVisits: byVisit.usableGroups,
      },
    },
    qauc: { value: byQuery.value, usableGroups: byQuery.usableQueries, usableSamples: byQuery.usableSamples },
    logLoss: logLossFromLogits(logits, labels),
  };
}
