import { type Samples, sequentialBatches } from '@sifaka/data';
import { auc, gauc, logLossFromLogits, qauc } from '@sifaka/metrics';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { historiesOf } from '../model/sequences.js';

/** Figures of one part of the data, or of its cold items. */
export interface Metrics {
  readonly events: number;
  readonly auc: number;
  /** By user, weighted by samples, single-class users left out; with the number of users that count. */
  readonly gauc: { readonly bySamples: number; readonly usableGroups: number };
  /** LEMUR's metric: the AUC within each query id, averaged over the queries with both classes. `NaN` and 0 where no such query is. */
  readonly qauc: {
    readonly value: number;
    readonly usableGroups: number;
    /** Events of these queries. */
    readonly usableSamples: number;
  };
  readonly logLoss: number;
}

export interface Evaluation {
  /** `[N]`, in the order of the samples that were asked for. */
  readonly logits: Float32Array;
  readonly all: Metrics;
  /** Events on items without any event in train. */
  readonly cold: Metrics;
}

export interface EvaluateOptions {
  readonly samples: Samples;
  /** Which samples; a part of a split. */
  readonly indices: Int32Array;
  /** Per item: 1 for a cold one. */
  readonly cold: Uint8Array;
  /** Default 512. */
  readonly batchSize?: number;
}

/**
 * Scores a part of the data with the present weights. Candidates and histories are encoded anew into a bank of their own, so nothing of
 * validation or test reaches the training bank, and cold items have a vector.
 */
export function evaluate(model: MultimodalRanker, options: EvaluateOptions): Evaluation {
  const { samples, indices, batchSize = 512 } = options;
  const batches = [...sequentialBatches({ samples, indices, batchSize, histories: historiesOf(model.options) })];
  const needed = new Set<number>();
  for (const { items, histories } of batches) {
    for (const ids of [items, ...Object.values(histories).map((history) => history.items)]) {
      for (const id of ids) if (id >= 0) needed.add(id);
    }
  }
  const vectors = model.encodeBank(Int32Array.from(needed)).reader();
  const logits = new Float32Array(indices.length);
  let offset = 0;
  for (const batch of batches) {
    logits.set(model.predict(batch, vectors), offset);
    offset += batch.size;
  }
  return { logits, ...measure(logits, options) };
}

/** AUC, GAUC by user, QAUC and log loss of any scorer's logits, for all events and for cold items. */
export function measure(logits: Float32Array, { samples, indices, cold }: EvaluateOptions): Omit<Evaluation, 'logits'> {
  const places = Array.from(indices, (_, place) => place);
  const coldPlaces = places.filter((place) => cold[samples.items[indices[place]!]!] === 1);
  const of = (chosen: readonly number[]) =>
    metricsOf(
      Float32Array.from(chosen, (place) => logits[place]!),
      Float32Array.from(chosen, (place) => samples.labels[indices[place]!]!),
      Int32Array.from(chosen, (place) => samples.users[indices[place]!]!),
      Int32Array.from(chosen, (place) => samples.queryIds[indices[place]!]!),
    );
  return { all: of(places), cold: of(coldPlaces) };
}

function metricsOf(logits: Float32Array, labels: Float32Array, users: Int32Array, queries: Int32Array): Metrics {
  if (logits.length === 0) {
    return {
      events: 0,
      auc: Number.NaN,
      gauc: { bySamples: Number.NaN, usableGroups: 0 },
      qauc: { value: Number.NaN, usableGroups: 0, usableSamples: 0 },
      logLoss: Number.NaN,
    };
  }
  const byUser = gauc(logits, labels, users, { variant: 'bySamples' });
  const byQuery = qauc(logits, labels, queries);
  return {
    events: logits.length,
    auc: auc(logits, labels),
    gauc: { bySamples: byUser.value, usableGroups: byUser.usableGroups },
    qauc: { value: byQuery.value, usableGroups: byQuery.usableQueries, usableSamples: byQuery.usableSamples },
    logLoss: logLossFromLogits(logits, labels),
  };
}
