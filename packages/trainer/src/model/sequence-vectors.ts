import type { Batch } from '@sifaka/data';
import { type FreshVectors, type HistoryVectors, type ReadableBank, readHistories } from '@sifaka/memory-bank';
import { type Sequence, sequenceItems } from './sequences.js';

/** The item vectors of a batch's sequences, by sequence name. */
export type SequenceVectors = ReadonlyMap<string, HistoryVectors>;

/** How many sequence items had a fresh vector, a stored vector, or none. */
export type SequenceCounts = HistoryVectors['counts'];

/**
 * Reads the sequences from the bank; fresh vectors replace stored ones (LEMUR's dedup join). The caller disposes them.
 */
export function readSequences(
  bank: ReadableBank,
  batch: Batch,
  sequences: readonly Sequence[],
  fresh?: FreshVectors,
): SequenceVectors {
  const read = sequences.filter(({ vectors }) => vectors !== undefined);
  return new Map(
    read.map((sequence) => [
      sequence.name,
      readHistories(bank, sequenceItems(batch, sequence), sequence.length, fresh),
    ]),
  );
}

export function sequenceCounts(sequences: SequenceVectors): SequenceCounts {
  const counts = { fresh: 0, stored: 0, missing: 0 };
  for (const each of sequences.values()) {
    counts.fresh += each.counts.fresh;
    counts.stored += each.counts.stored;
    counts.missing += each.counts.missing;
  }
  return counts;
}
