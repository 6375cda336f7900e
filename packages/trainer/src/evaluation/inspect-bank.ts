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

/** How far the training bank can be trusted at one moment. Shares and cosines that do not exist are null. */
export interface BankInspection {
  readonly items: number;
  /** Cosines between stored vectors and what the present encoders make of the same items, over a seeded sample. */
  readonly staleness: Nullable<Staleness>;
  /** In steps since a vector was written. */
  readonly age: Nullable<BankAge>;
  /** Share of the validation part's items that have a vector: its candidates, and the items of its sequences. */
  readonly coverage: Readonly<Record<string, number | null>>;
  /** The same over train items, by how many events they have: the most frequent tenth, the next four, the rest. */
  readonly coverageByPopularity: Readonly<Record<string, number | null>>;
}

type Nullable<T> = { readonly [Key in keyof T]: number | null };

export interface InspectBankOptions {
  readonly samples: Samples;
  readonly split: Split;
  /** The present step, from which ages count. */
  readonly step: number;
  /** Items whose staleness is measured. Default 200. */
  readonly sampleSize?: number;
}

/** Looks into a model's training bank; nothing in it changes, and no read counts. @returns undefined for an id-only model. */
export function inspectBank(model: MultimodalRanker, options: InspectBankOptions): BankInspection | undefined {
  if (model.options.content === undefined) return undefined;
  const { samples, split, step, sampleSize = 200 } = options;
  const bank = model.bank.reader();
  const counts = itemPopularity(samples, split.train);
  const trained = Int32Array.from(counts.keys()).filter((item) => counts[item]! > 0);
  const seed = deriveSeed(model.options.seed, 'inspectBank', step);
  return {
    items: bank.size,
    staleness: nullable(sampleStaleness({ bank, encode: (ids) => model.encode(ids), size: sampleSize, seed })),
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

/** All candidates and all items of the sequences that the bank serves, by name. */
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

/** Numbers that JSON would turn to null anyway are so from the start, so that a resumed run's report is the same. */
function nullable<T extends object>(numbers: T): Nullable<T> {
  return mapValues(numbers as Record<string, number>, (value) =>
    Number.isFinite(value) ? value : null,
  ) as Nullable<T>;
}
