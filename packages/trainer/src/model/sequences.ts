import type { Batch, NamedHistories } from '@sifaka/data';
import { PADDING_ID } from '@sifaka/nn';
import type { RankerOptions, SequencesOptions, SimilarityOptions } from './options.js';
import type { ReaderOptions } from './reader-options.js';

/** One sequence that a model reads. Batches, tables, bank and network all use the list from {@link sequencesOf}. */
export interface Sequence extends SequenceNames {
  readonly name: SequenceName;
  readonly length: number;
  /** Number of the history's latest events that come before the sequence. */
  readonly skip: number;
  /** How its id embeddings are read. Undefined: they are not. */
  readonly ids: ReaderOptions | undefined;
  /** How its item vectors are read from the bank. Undefined: they are not. */
  readonly vectors: ReaderOptions | undefined;
  readonly similarity: SimilarityOptions | undefined;
}

export type SequenceName = keyof SequencesOptions;

interface SequenceNames {
  /** The history of a batch that holds its events. */
  readonly history: string;
  /** Which events of the history belong to it. */
  readonly events: 'liked' | 'disliked';
  /** Feature groups that come from it. Weight paths and the seeds of RankMixer's projections derive from them. */
  readonly groups: { readonly ids: string; readonly vectors: string; readonly similarity: string };
  /** The readers' seeds derive from these names and the reader's kind, as in `idDecoder`. */
  readonly seeds: { readonly ids: string; readonly vectors: string };
}

/** Name of the history of all events. The disliked sequence is read from it. */
export const RECENT = 'recent';

const NAMES: Readonly<Record<SequenceName, SequenceNames>> = {
  liked: {
    history: 'liked',
    events: 'liked',
    groups: { ids: 'idHistory', vectors: 'contentHistory', similarity: 'similarity' },
    seeds: { ids: 'id', vectors: 'content' },
  },
  long: {
    history: 'long',
    events: 'liked',
    groups: { ids: 'longIds', vectors: 'longHistory', similarity: 'longSimilarity' },
    seeds: { ids: 'longId', vectors: 'long' },
  },
  disliked: {
    history: RECENT,
    events: 'disliked',
    groups: { ids: 'dislikedIds', vectors: 'dislikedHistory', similarity: 'dislikedSimilarity' },
    seeds: { ids: 'dislikedId', vectors: 'disliked' },
  },
};

/** The sequences that a model with these options reads. */
export function sequencesOf({ sequences, content }: RankerOptions): readonly Sequence[] {
  const read = (name: SequenceName): Sequence => {
    const { length, ids, vectors, similarity } = sequences[name];
    return {
      ...NAMES[name],
      name,
      length,
      skip: name === 'long' ? sequences.liked.length : 0,
      ids: ids || undefined,
      vectors: (content !== undefined && vectors) || undefined,
      similarity: (content !== undefined && similarity) || undefined,
    };
  };
  return [read('liked'), read('long'), read('disliked')].filter(({ length }) => length > 0);
}

/**
 * The histories that a model needs in its batches. Pass them to `BatchPlan`, `sequentialBatches` and `SampleStream`.
 */
export function historiesOf(options: RankerOptions): NamedHistories {
  return Object.fromEntries(
    sequencesOf(options).map(({ history, length, skip, events }) => [
      history,
      { length, skip, events: events === 'liked' ? 'positive' : 'all' },
    ]),
  );
}

/**
 * The item ids of a sequence, `[B · length]`: `PADDING_ID` where it has no item, −1 (`UNKNOWN_ID`) for an item that the
 * model does not know.
 */
export function sequenceItems(batch: Batch, { history, events }: Sequence): Int32Array {
  const { items, labels, lengths, length } = batch.histories[history]!;
  const isMember = (index: number) =>
    index % length < lengths[Math.floor(index / length)]! && (events === 'liked' || labels[index] !== 1);
  return items.map((item, index) => (isMember(index) ? item : PADDING_ID));
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
