import type { Batch, NamedHistories } from '@sifaka/data';
import type { RankerOptions, ReaderOptions, SequenceOptions, SimilarityOptions } from './options.js';

/** One sequence that a model reads. Batches, tables, bank and network all use the list from {@link sequencesOf}. */
export interface Sequence {
  readonly name: 'liked' | 'long' | 'disliked';
  /** The history of a batch that holds its events. */
  readonly history: string;
  /** Which events of the history belong to it. */
  readonly events: 'liked' | 'disliked';
  readonly length: number;
  /** How its id embeddings are read. Undefined: they are not. */
  readonly ids: ReaderOptions | undefined;
  /** How its item vectors are read from the bank. Undefined: they are not. */
  readonly vectors: ReaderOptions | undefined;
  readonly similarity: SimilarityOptions | undefined;
}

/** Name of the history of all events. The disliked sequence and the feedback features are read from it. */
export const RECENT = 'recent';

/** The sequences that a model with these options reads. */
export function sequencesOf({ sequences, content }: RankerOptions): readonly Sequence[] {
  const { liked, long, disliked } = sequences;
  const read = (name: Sequence['name'], { length, ids, vectors, similarity }: SequenceOptions): Sequence => ({
    name,
    history: name === 'disliked' ? RECENT : name,
    events: name === 'disliked' ? 'disliked' : 'liked',
    length,
    ids: ids || undefined,
    vectors: (content !== undefined && vectors) || undefined,
    similarity: (content !== undefined && similarity) || undefined,
  });
  return [read('liked', liked), read('long', long), read('disliked', disliked)].filter(({ length }) => length > 0);
}

/**
 * The histories that a model needs in its batches. Pass them to `BatchPlan`, `sequentialBatches` and `SampleStream`.
 */
export function historiesOf({ sequences: { liked, long, disliked } }: RankerOptions): NamedHistories {
  return {
    liked: { length: liked.length },
    ...(long.length > 0 && { long: { length: long.length, skip: liked.length } }),
    ...(disliked.length > 0 && { [RECENT]: { length: disliked.length, events: 'all' } }),
  };
}

/** The item ids of a sequence, `[B · length]`, −1 where it has no item. */
export function sequenceItems(batch: Batch, { history, events }: Sequence): Int32Array {
  const { items, labels } = batch.histories[history]!;
  return events === 'liked' ? items : items.map((item, index) => (labels[index] === 1 ? -1 : item));
}

/** @throws RangeError unless the batch has the histories that the model reads. */
export function assertHistories(where: string, batch: Batch, options: RankerOptions): void {
  for (const [name, { length, skip = 0, events = 'positive' }] of Object.entries(historiesOf(options))) {
    const found = batch.histories[name];
    const fail = (expected: string, got: string | number) => {
      throw new RangeError(`${where}: expected a history named ${name} of ${expected} (see historiesOf), got ${got}`);
    };
    if (found?.length !== length) fail(`length ${length}`, found?.length ?? 'none');
    if (found?.events !== events) fail(`${events} events`, String(found?.events));
    if (found?.skip !== skip) fail(`skip ${skip}`, String(found?.skip));
  }
}
