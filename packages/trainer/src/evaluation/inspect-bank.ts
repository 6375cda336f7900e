import { itemPopularity, type Samples, type Split, sequentialBatches } from '@sifaka/data';
import {
  type BankAge,
  bankAge,
  coverageByPopularity,
  coverageBySequence,
  type Staleness,
  sampleStaleness,
} from '@sifaka/memory-bank';
import { deriveSeed } from '@sifaka/nn';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { historiesOf, sequenceItems } from '../model/sequences.js';

/** Freshness and coverage of the training bank after a step. Numbers that do not exist are null. */
export interface BankInspection {
  readonly items: number;
  /**
   * Cosines between stored and fresh item vectors of the same items, over a seeded sample. Tokens that the bank stores
   * beside an item vector do not count.
   */
  readonly staleness: Nullable<Staleness>;
  /** Steps since the vectors were written. */
  readonly age: Nullable<BankAge>;
  /** Share of the validation part's items that have a vector, by name: `candidates`, and each sequence. */
  readonly coverage: Readonly<Record<string, number | null>>;
  /**
   * Share of the train items that have a vector, by number of events: the most frequent tenth, the next four, the rest.
   */
  readonly coverageByPopularity: Readonly<Record<string, number | null>>;
}

type Nullable<T> = { readonly [Key in keyof T]: number | null };

export interface InspectBankOptions {
  readonly samples: Samples;
  readonly split: Split;
  /** The present step. Ages count back from it. */
  readonly step: number;
  /** Number of items whose staleness is measured. Default 200. */
  readonly sampleSize?: number;
}

/** Inspects a model's training bank without changing it or counting reads. @returns undefined for an id-only model. */
export function inspectBank(model: MultimodalRanker, options: InspectBankOptions): BankInspection | undefined {
  if (model.options.content === undefined) return undefined;
  const { samples, split, step, sampleSize = 200 } = options;
  const bank = model.bank.reader();
  const counts = itemPopularity(samples, split.train);
  const trained = Int32Array.from(counts.keys()).filter((item) => counts[item]! > 0);
  const seed = deriveSeed(model.options.seed, 'inspectBank', step);
  const encode = (ids: Int32Array) => model.encode(ids);
  return {
    items: bank.size,
    staleness: nullable(sampleStaleness({ bank, encode, size: sampleSize, seed, comparedDim: model.options.dim })),
    age: nullable(bankAge(bank, step)),
    coverage: nullable(
      mapValues(coverageBySequence(bank, itemsBySequence(model, samples, split.validation)), ({ share }) => share),
    ),
    coverageByPopularity: nullable(
      Object.fromEntries(
        coverageByPopularity({ bank, ids: trained, counts: trained.map((item) => counts[item]!) }).map(
          ({ name, items }) => [name, items.share],
        ),
      ),
    ),
  };
}

/** All candidates, and all items of each sequence that is read from the bank. */
function itemsBySequence(model: MultimodalRanker, samples: Samples, indices: Int32Array): Record<string, Int32Array> {
  const histories = historiesOf(model.options);
  const [batch] = sequentialBatches({ samples, indices, batchSize: Math.max(1, indices.length), histories });
  if (batch === undefined) return {};
  const read = model.sequences.filter(({ vectors }) => vectors !== undefined);
  const sequences = read.map((sequence) => [sequence.name, sequenceItems(batch, sequence)] as const);
  return { candidates: batch.items, ...Object.fromEntries(sequences) };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, of: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}

/** Turns NaN into null, as JSON does, so that a run gives the same report whether or not it was resumed. */
function nullable<T extends object>(numbers: T): Nullable<T> {
  return mapValues(numbers as Record<string, number>, (value) =>
    Number.isFinite(value) ? value : null,
  ) as Nullable<T>;
}
