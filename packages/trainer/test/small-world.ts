import {
  type Batch,
  type BatchHistory,
  buildSamples,
  coldItems,
  type HistoryOptions,
  InteractionBuilder,
  type Samples,
  type Split,
  splitByTime,
} from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import {
  type BuildRankerOptions,
  buildRanker,
  type Catalogue,
  em3,
  idOnly,
  lemur,
  type MultimodalRanker,
  type PresetOverrides,
  type RankerOptions,
  TrainingStep,
  twoStage,
} from '@sifaka/trainer';
import { afterEach } from 'vitest';

export const ITEMS = 40;
export const USERS = 30;
const IMAGE = 16 * 16 * 3;
const CLASSIFICATION = 2;
const SEPARATOR = 3;

/** Users like red items. */
export function isRed(item: number): boolean {
  return item % 2 === 0;
}

/**
 * Items with 16 × 16 pixels, red or blue with some noise, and texts that say nothing about their colour.
 */
export function makeCatalogue({ size = ITEMS, seed = 1 }: { size?: number; seed?: number } = {}): Catalogue {
  const random = seededRandom(seed);
  const pixels = Uint8Array.from({ length: size * IMAGE }, (_, k) => {
    const red = isRed(Math.floor(k / IMAGE));
    const channel = k % 3;
    const base = channel === 1 ? 60 : (channel === 0) === red ? 190 : 40;
    return base + 50 * random();
  });
  const word = () => 4 + Math.floor(random() * 12);
  const texts = Array.from({ length: size }, (_, item) => [4 + (item % 12), word(), word()]);
  return {
    size,
    vocabularySize: 16,
    format: { start: [CLASSIFICATION], between: [SEPARATOR], end: [], padding: 0, types: [0, 1] },
    images: { pixels, height: 16, width: 16, present: new Uint8Array(size).fill(1) },
    documents: { ids: Int32Array.from(texts.flat()), lengths: new Int32Array(size).fill(3), maxLength: 3 },
    titles: {
      ids: Int32Array.from(texts.flatMap((text) => text.slice(0, 2))),
      lengths: new Int32Array(size).fill(2),
      maxLength: 2,
    },
  };
}

/** A catalogue in which `to` has the image and texts of `from`. */
export function withTwin(catalogue: Catalogue, from: number, to: number): Catalogue {
  const copy = <T extends Int32Array | Uint8Array>(values: T, width: number): T => {
    const twin = values.slice() as T;
    twin.set(values.subarray(from * width, (from + 1) * width), to * width);
    return twin;
  };
  const { images, documents, titles } = catalogue;
  return {
    ...catalogue,
    images: { ...images, pixels: copy(images.pixels, IMAGE) },
    documents: { ...documents, ids: copy(documents.ids, documents.maxLength) },
    titles: { ...titles, ids: copy(titles.ids, titles.maxLength) },
  };
}

/** A catalogue with these query texts, as token ids by query id. */
export function withQueries(catalogue: Catalogue, texts: readonly (readonly number[])[]): Catalogue {
  const maxLength = Math.max(...texts.map(({ length }) => length));
  const ids = Int32Array.from(texts.flatMap((text) => Array.from({ length: maxLength }, (_, k) => text[k] ?? 0)));
  return { ...catalogue, queries: { ids, lengths: Int32Array.from(texts, ({ length }) => length), maxLength } };
}

/** A catalogue in which one item has another image. */
export function withImage(catalogue: Catalogue, item: number, red: number, green: number, blue: number): Catalogue {
  const pixels = catalogue.images.pixels.slice();
  for (let k = item * IMAGE; k < (item + 1) * IMAGE; k++) pixels[k] = [red, green, blue][k % 3]!;
  return { ...catalogue, images: { ...catalogue.images, pixels } };
}

export interface SmallWorld {
  readonly catalogue: Catalogue;
  readonly samples: Samples;
  readonly split: Split;
  readonly cold: Uint8Array;
}

/**
 * Events in which only the colour decides the label, except for every tenth, which is flipped. The last `newItems`
 * items have no event in the first 80 % of time, so they are cold.
 */
export function makeWorld({ events = 1500, newItems = 12, seed = 7 } = {}): SmallWorld {
  const random = seededRandom(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const builder = new InteractionBuilder();
  const ids = Array.from({ length: ITEMS }, (_, item) => String(item));
  for (let i = 0; i < events; i++) {
    const item = i < 0.8 * events ? below(ITEMS - newItems) : below(ITEMS);
    const liked = isRed(item) !== random() < 0.1;
    builder.add(String(below(USERS)), String(item), liked ? 5 : 1, 1_000_000_000 + i * 300);
  }
  const samples = buildSamples(builder.build({ itemIds: ids }).interactions);
  const split = splitByTime(samples);
  return { catalogue: makeCatalogue(), samples, split, cold: coldItems(samples, split) };
}

/** Length of the recent history that the small models read. */
export const RECENT = 3;

/** Width of the small models' item vectors. */
export const DIM = 16;

const TINY: PresetOverrides = {
  dim: DIM,
  idDim: 4,
  sequences: { liked: { length: 4 }, disliked: { length: RECENT } },
  head: { headDim: 4, depth: 1 },
  userDropout: 0,
  itemDropout: 0,
  sampling: { forward: 1, backward: 1 },
  sqdc: { centre: false }, // The paper's formula.
  decorrelation: { weight: 0 },
  // Without clipping and decay, AdamW's first moment after one step is the gradient times 1 − β₁.
  optimizer: { clipNorm: 1e9, weightDecay: 0, tableWeightDecay: 0, warmupSteps: 0 },
};
/** Learning rates with which a small model learns in a few dozen steps. */
export const FAST = { learningRate: 0.01, encoderLearningRate: 0.005, tableLearningRate: 0.01, clipNorm: 1 } as const;

/** Projected attention in both decoders of a sequence. */
const PROJECTED_DECODER = { attention: { kind: 'projected', heads: 2 } } as const;
export const PROJECTED = { ids: PROJECTED_DECODER, vectors: PROJECTED_DECODER } as const;

const TINY_CONTENT = { patchSize: 8, textDepth: 1, heads: 2 };

export function tinyLemur(overrides: PresetOverrides = {}): RankerOptions {
  return lemur(TINY, { content: TINY_CONTENT }, overrides);
}

export function tinyEm3(overrides: PresetOverrides = {}): RankerOptions {
  return em3(TINY, { content: { ...TINY_CONTENT, history: { rank: 2 } } }, overrides);
}

export function tinyTwoStage(overrides: PresetOverrides = {}): RankerOptions {
  return twoStage(TINY, { content: TINY_CONTENT, pretrainSteps: 4 }, overrides);
}

export function tinyIdOnly(overrides: PresetOverrides = {}): RankerOptions {
  return idOnly(TINY, overrides);
}

/** Makes models that are disposed after each test of the calling file, with their optimizers. */
export function modelMaker(): (
  options: RankerOptions,
  catalogue?: Catalogue,
  parts?: BuildRankerOptions['parts'],
  frozenPrefixes?: BuildRankerOptions['frozenPrefixes'],
  encoders?: BuildRankerOptions['encoders'],
) => MultimodalRanker {
  const made: MultimodalRanker[] = [];
  afterEach(() => {
    for (const model of made.splice(0)) {
      trainings.get(model)?.dispose();
      model.dispose();
    }
  });
  return (options, catalogue = makeCatalogue(), parts = {}, frozenPrefixes = {}, encoders = {}) => {
    const model = buildRanker(options, { catalogue, numUsers: USERS, parts, frozenPrefixes, encoders });
    made.push(model);
    return model;
  };
}

const trainings = new WeakMap<MultimodalRanker, TrainingStep>();

/** The training step of a model from {@link modelMaker}: the same at each call. */
export function trainingOf(model: MultimodalRanker): TrainingStep {
  const training = trainings.get(model) ?? new TrainingStep(model);
  trainings.set(model, training);
  return training;
}

export interface Row {
  readonly item: number;
  /** Default 0. */
  readonly user?: number;
  /** Default 1. */
  readonly label?: 0 | 1;
  /** Default: a session of its own. */
  readonly session?: number;
  /** Default: none. */
  readonly query?: number;
  /** Most recent first. Default: empty. */
  readonly history?: readonly number[];
  /** Recent items with their labels, most recent first. Default: none. */
  readonly recent?: readonly (readonly [item: number, label: 0 | 1])[];
}

export interface BatchLengths {
  readonly liked?: number;
  readonly long?: number;
  readonly recent?: number;
}

/**
 * A batch as samples give it. Items of a row's history beyond the length `liked` belong to the history `long`.
 */
export function batchOf(rows: readonly Row[], { liked = 4, long = 0, recent = RECENT }: BatchLengths = {}): Batch {
  const likes = rows.map(({ history = [] }) => history.map((item) => [item, 1] as const));
  const recents = rows.map((row) => row.recent ?? []);
  return {
    size: rows.length,
    rows: Int32Array.from(rows.keys()),
    users: Int32Array.from(rows, ({ user = 0 }) => user),
    items: Int32Array.from(rows, ({ item }) => item),
    labels: Float32Array.from(rows, ({ label = 1 }) => label),
    sessions: Int32Array.from(rows, ({ session }, row) => session ?? 1000 + row),
    queries: Int32Array.from(rows, ({ query = -1 }) => query),
    timestamps: Float64Array.from(rows.keys()),
    histories: {
      liked: historyOf(likes, { length: liked }),
      ...(long > 0 && { long: historyOf(likes, { length: long, skip: liked }) }),
      ...(recent > 0 && { recent: historyOf(recents, { length: recent, events: 'all' }) }),
    },
  };
}

/** One history of a batch from `[item, label]` pairs, most recent first. */
export function historyOf(
  rows: readonly (readonly (readonly [item: number, label: number])[])[],
  { length, skip = 0, events = 'positive' }: HistoryOptions,
): BatchHistory {
  const padded = rows.flatMap((row) => Array.from({ length }, (_, k) => row[skip + k] ?? [-1, 0]));
  return {
    length,
    skip,
    events,
    items: Int32Array.from(padded, ([item]) => item!),
    labels: Uint8Array.from(padded, ([, label]) => label!),
    lengths: Int32Array.from(rows, (row) => Math.max(0, Math.min(length, row.length - skip))),
  };
}
