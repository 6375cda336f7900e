import type { Batch } from '@sifaka/data';
import { type FreshVectors, type HistoryVectors, type ReadableBank, readHistories } from '@sifaka/memory-bank';
import { concat, gather, reshape, type Tensor, tensor1d, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { HistoryContent } from './history-content.js';
import { type Sequence, sequenceItems } from './sequences.js';

/** The item vectors of a batch's sequences, by sequence name. */
export type SequenceVectors = ReadonlyMap<string, HistoryVectors>;

/** How many sequence items had a fresh vector, a stored vector, or none. */
export type SequenceCounts = HistoryVectors['counts'];

/** Where the vectors of sequences come from. */
export interface SequenceSources {
  readonly bank: ReadableBank;
  readonly batch: Batch;
  readonly sequences: readonly Sequence[];
  readonly fresh?: FreshVectors | undefined;
  /** Makes the vectors of the rows that the bank stores. Default: the rows are the vectors. */
  readonly content?: HistoryContent | undefined;
  /** Encodes items now, `[n] → [n, D]`, instead of reading the bank. Default: the bank is read. */
  readonly encode?: ((items: Int32Array) => Tensor) | undefined;
  /** `D` */
  readonly dim: number;
}

/**
 * Reads the sequences. Stored rows are constants, and fresh ones replace them (LEMUR's dedup join). A gradient flows
 * into `content` and into what `encode` computes. Both get each item of the batch once.
 *
 * @returns tensors that the caller disposes.
 */
export function readSequences({ sequences: all, ...sources }: SequenceSources): SequenceVectors {
  const { bank, batch, fresh, content, encode } = sources;
  const sequences = all.filter(({ vectors }) => vectors !== undefined);
  if (content !== undefined || encode !== undefined) return readDistinct(sequences, sources);
  return new Map(
    sequences.map((sequence) => [
      sequence.name,
      readHistories(bank, sequenceItems(batch, sequence), sequence.length, fresh),
    ]),
  );
}

function readDistinct(
  sequences: readonly Sequence[],
  { bank, batch, fresh, content, encode, dim }: Omit<SequenceSources, 'sequences'>,
): SequenceVectors {
  const freshIds = new Set(fresh === undefined ? [] : Array.from(fresh.ids));
  const isKnown = (item: number) => item >= 0 && (encode !== undefined || freshIds.has(item) || bank.has(item));
  const rowOf = new Map<number, number>(); // Row 0 are zeros, for padding and items without a vector.
  const read = sequences.map((sequence) => {
    const items = sequenceItems(batch, sequence);
    const counts = { fresh: 0, stored: 0, missing: 0 };
    const rows = items.map((item) => {
      if (item < 0) return 0;
      const known = isKnown(item);
      counts[!known ? 'missing' : encode !== undefined || freshIds.has(item) ? 'fresh' : 'stored']++;
      if (known && !rowOf.has(item)) rowOf.set(item, 1 + rowOf.size);
      return known ? rowOf.get(item)! : 0;
    });
    return { rows, counts, length: sequence.length };
  });
  const items = Int32Array.from(rowOf.keys());
  const vectorsOf = (): Tensor => {
    if (encode !== undefined) return encode(items);
    const { vectors } = readHistories(bank, items, items.length, fresh); // [1, n, W]
    return content!.forward(reshape(vectors, [items.length, -1]));
  };
  const tensors = tidy(() => {
    const vectors = concat([zeros([1, dim]), ...(items.length > 0 ? [vectorsOf()] : [])], 0); // [1 + n, D]
    return read.map(({ rows, length }) => ({
      vectors: reshape(gather(vectors, tensor1d(rows, 'int32')), [batch.size, length, dim]),
      mask: tensor2d(
        Float32Array.from(rows, (row) => (row > 0 ? 1 : 0)),
        [batch.size, length],
      ),
    }));
  });
  return new Map(sequences.map(({ name }, index) => [name, { ...tensors[index]!, counts: read[index]!.counts }]));
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
