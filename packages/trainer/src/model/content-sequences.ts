import type { Batch, BatchHistory, NamedHistories } from '@sifaka/data';
import { type FreshVectors, type HistoryVectors, type ReadableBank, readHistories } from '@sifaka/memory-bank';
import type { RankerOptions, SequenceOptions } from './options.js';

/** The multimodal sequences of a batch, as the bank and this step's vectors give them. Absent: the model does not read it. */
export interface ContentSequences {
  readonly short?: HistoryVectors;
  readonly long?: HistoryVectors;
  /** Of the items met, those that were disliked. */
  readonly disliked?: HistoryVectors;
}

/** Where the sequences' items were found, over all of them. */
export type SequenceCounts = HistoryVectors['counts'];

/** What a model asks of its batches beside the main history: hand it to `BatchPlan` and `sequentialBatches`. */
export function historiesOf({ sequences, historyLength }: RankerOptions): NamedHistories {
  return {
    ...(sequences.long > 0 && { long: { length: sequences.long, skip: historyLength } }),
    ...(sequences.met > 0 && { met: { length: sequences.met, events: 'all' } }),
  };
}

/** Whether the vectors of disliked items are read: they belong to the short sequence. */
export function readsDisliked({ short, met }: SequenceOptions): boolean {
  return short && met > 0;
}

/** Reads the sequences that the options ask for (dedup join: the newest vectors win). The caller disposes them. */
export function readSequences(
  bank: ReadableBank,
  batch: Batch,
  { sequences, historyLength }: RankerOptions,
  fresh?: FreshVectors,
): ContentSequences {
  const read = (ids: Int32Array, length: number) => readHistories(bank, ids, length, fresh);
  return {
    ...(sequences.short && { short: read(batch.history, historyLength) }),
    ...(sequences.long > 0 && { long: read(batch.histories['long']!.items, sequences.long) }),
    ...(readsDisliked(sequences) && { disliked: read(dislikedItems(batch.histories['met']!), sequences.met) }),
  };
}

/** Items met and not liked, in their places; −1 in the others. */
export function dislikedItems({ items, labels }: BatchHistory): Int32Array {
  return items.map((item, place) => (labels[place] === 1 ? -1 : item));
}

export function sequenceCounts({ short, long, disliked }: ContentSequences): SequenceCounts {
  const read = [short, long, disliked].filter((each) => each !== undefined);
  const total = (of: keyof SequenceCounts) => read.reduce((sum, { counts }) => sum + counts[of], 0);
  return { fresh: total('fresh'), stored: total('stored'), missing: total('missing') };
}

/** Item ids of all histories that a batch brings. */
export function historyItems({ history, histories }: Batch): Int32Array[] {
  return [history, ...Object.values(histories).map(({ items }) => items)];
}

/** @throws RangeError unless the batch has the histories that the model reads. */
export function assertHistories(where: string, batch: Batch, options: RankerOptions): void {
  if (batch.historyLength !== options.historyLength) {
    throw new RangeError(`${where}: expected histories of length ${options.historyLength}, got ${batch.historyLength}`);
  }
  for (const [name, { length, events = 'positive' }] of Object.entries(historiesOf(options))) {
    const found = batch.histories[name];
    const fail = (expected: string, got: string | number) => {
      throw new RangeError(`${where}: expected a history named ${name} of ${expected} (see historiesOf), got ${got}`);
    };
    if (found?.length !== length) fail(`length ${length}`, found?.length ?? 0);
    if (found?.events !== events) fail(`${events} events`, String(found?.events));
  }
}
