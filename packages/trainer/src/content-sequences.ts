import type { Batch, NamedHistories } from '@sifaka/data';
import { type FreshVectors, type HistoryVectors, type ReadableBank, readHistories } from '@sifaka/memory-bank';
import type { RankerOptions } from './options.js';

/** The multimodal sequences of a batch, as the bank and this step's vectors give them. Absent: the model does not read it. */
export interface ContentSequences {
  readonly short?: HistoryVectors;
  readonly long?: HistoryVectors;
}

/** Where the sequences' items were found, over both. */
export type SequenceCounts = HistoryVectors['counts'];

/** What a model asks of its batches beside the main history: hand it to `BatchPlan` and `sequentialBatches`. */
export function historiesOf({ sequences, historyLength }: RankerOptions): NamedHistories {
  return sequences.long > 0 ? { long: { length: sequences.long, skip: historyLength } } : {};
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
  };
}

export function sequenceCounts({ short, long }: ContentSequences): SequenceCounts {
  const read = [short, long].filter((each) => each !== undefined);
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
  const { long } = options.sequences;
  const found = long === 0 ? 0 : (batch.histories['long']?.length ?? 0);
  if (found !== long) {
    throw new RangeError(`${where}: expected a history named long of length ${long} (see historiesOf), got ${found}`);
  }
}
