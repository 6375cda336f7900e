import { checkOptions } from './check-options.js';
import { MODALITIES, type Modality } from './content-fusion.js';
import { type EncoderOptions, withEncoderName } from './encoder-options.js';
import type { ContentOptions, RankerOptions, SequenceOptions } from './options.js';
import type { DecoderOptions } from './reader-options.js';

/**
 * What a preset can change: any option, groups key by key. A group of another `kind` replaces the preset's group. The
 * name of a published encoder stands for `{ encoder: NAME }`.
 */
export type PresetOverrides = Omit<Overrides<RankerOptions>, 'content'> & { readonly content?: ContentOverrides };

type ContentOverrides = Omit<Overrides<ContentOptions>, Modality> & {
  readonly [Name in Modality]?: string | Overrides<EncoderOptions>;
};

type Overrides<Group> = { readonly [Key in keyof Group]?: Override<Group[Key]> };

/** Distributes over unions. */
type Override<Value> = Value extends readonly unknown[] ? Value : Value extends object ? Overrides<Value> : Value;

const DECODER: DecoderOptions = { kind: 'decoder', depth: 1, attention: { kind: 'printed' } };

const SEQUENCE: SequenceOptions = { length: 50, ids: DECODER, vectors: DECODER, similarity: {} };

type WithContent = RankerOptions & Required<Pick<RankerOptions, 'content'>>;

const LEMUR: WithContent = {
  preset: 'lemur',
  seed: 1,
  content: {
    patchSize: 16,
    imageDepth: 1,
    textDepth: 2,
    heads: 4,
    fusionQueries: 2,
    fusionDepth: 1,
    queryDepth: 1,
    query: 'likedTitles',
    queryItems: 2,
  },
  trainEncoders: true,
  rankingTrainsEncoders: true,
  pretrainSteps: 0,
  dim: 64,
  idDim: 16,
  sequences: {
    liked: SEQUENCE,
    // The paper does not say which cosines of a long sequence the ranker reads.
    long: { ...SEQUENCE, length: 0, ids: false, similarity: { recent: 0, top: 32, statistics: true } },
    disliked: SEQUENCE,
  },
  head: { kind: 'rankMixer', headDim: 8, depth: 2, feedForward: { kind: 'dense' } },
  userDropout: 0.5,
  itemDropout: 0.05,
  // On MovieLens small the paper's T = 50 without centring collapsed all vectors within 100 steps and stayed at chance
  // (4.81, where ln 124 = 4.82); T = 10 with centring fell to 4.55 in 300 steps. Negatives from the whole batch or from
  // liked items only: no difference (docs/results.md), as in LEMUR's Table 6. With all of them SQDC learned faster
  // (GAUC of cold items on validation after 400 steps: .573 against .565).
  sqdc: { weight: 0.1, temperature: 10, negatives: 'all', maskSession: true, centre: true },
  cic: { weight: 0, temperature: 10 },
  decorrelation: { weight: 0.1 },
  // At this size every encoding pays for itself: on MovieLens small 600 steps at p = q = 0.3 reached a validation AUC
  // of .668, 300 steps at 1 reached .676. The paper deploys 0.2.
  sampling: { forward: 1, backward: 1 },
  optimizer: {
    learningRate: 1e-3,
    encoderLearningRate: 1e-3,
    // By visits, with statistics, ids alone on ml-union after 1,600 steps: GAUC by visit on validation .6728 at 1e-3,
    // .6716 at 5e-3; on MovieLens small after 600 steps .6667 and .6630.
    tableLearningRate: 1e-3,
    weightDecay: 0.01,
    tableWeightDecay: 0.1,
    warmupSteps: 50,
    clipNorm: 1,
  },
};

/**
 * As LEMUR's sequences, but contents are read by their attention to the candidate, and there are no cosines. The
 * attention is a softmax: new item vectors are long, and DIN's sum over 50 of them drove the loss from 1.6 to 8 within 80
 * steps (docs/results.md). With the softmax it fell from the start.
 */
const EM3_SEQUENCE: SequenceOptions = {
  ...SEQUENCE,
  vectors: { kind: 'din', pooling: { kind: 'softmax' } },
  similarity: false,
};

const EM3: WithContent = {
  ...LEMUR,
  preset: 'em3',
  content: {
    ...LEMUR.content,
    fusion: { kind: 'queryFormer', form: 'public' },
    query: 'none',
    // We do not know the paper's rank. LoRA's own experiments found 4 to 8 enough (arXiv 2106.09685, Table 6).
    history: { kind: 'lowRank', rank: 8 },
  },
  sequences: {
    liked: EM3_SEQUENCE,
    long: { ...EM3_SEQUENCE, length: 0, ids: false },
    disliked: EM3_SEQUENCE,
  },
  sqdc: { ...LEMUR.sqdc, weight: 0 },
  // τ = 0.1 and 16 drawn negatives are those of EM3's public code, here without the item itself. Its weight of 1e-3 is
  // beside the BPR loss of a retrieval model. A re-implementation for click prediction (MMCTR-Bench) tuned 0.05 to 0.5.
  // 0.01 lies between them, and is 4 % of the loss of a new model: 0.01 · ln 17 beside ln 2. None other was tried.
  cic: { weight: 0.01, temperature: 10, negatives: { kind: 'sampled', count: 16, exclude: 'sameItem' } },
};

/**
 * LEMUR, whole and joint: the ranking loss and SQDC train the encoders, and histories come from the memory bank.
 *
 * @param overrides changes to the preset; later ones win.
 * @throws RangeError naming every unknown option and every impossible value, as all presets do.
 */
export function lemur(...overrides: readonly PresetOverrides[]): RankerOptions {
  return checkOptions('lemur', merge(LEMUR, overrides));
}

/**
 * EM3 (arXiv 2404.06078): image and text encoders and a Fusion-Q-Former in the form of its public code, trained by the
 * ranking loss and the content-ID contrast. The candidate's vector learns in full. Contents of histories are read from
 * the bank through LoRA, and by their attention to the candidate (DIN).
 *
 * We do not know the paper's encoders and ranking models. The encoders, the head, the id sequences, the disliked
 * sequence and decorrelation are those of the other presets, so that results differ by EM3's parts alone. LEMUR's query
 * tower, SQDC and cosines are off.
 */
export function em3(...overrides: readonly PresetOverrides[]): RankerOptions {
  return checkOptions('em3', merge(EM3, overrides));
}

/**
 * LEMUR's control (Table 3): SQDC alone trains the same encoders, they are frozen, and a ranker learns on their
 * vectors.
 */
export function twoStage(...overrides: readonly PresetOverrides[]): RankerOptions {
  const base: RankerOptions = { ...LEMUR, preset: 'twoStage', trainEncoders: false, pretrainSteps: 300 };
  return checkOptions('twoStage', merge(base, overrides));
}

/**
 * The same ranker without content: user id, item id, and decoders over the ids of the sequences. `content` is ignored.
 */
export function idOnly(...overrides: readonly PresetOverrides[]): RankerOptions {
  const { content: _, ...rest } = merge({ ...LEMUR, preset: 'idOnly', trainEncoders: false }, overrides);
  return checkOptions('idOnly', rest);
}

function merge(base: RankerOptions, overrides: readonly PresetOverrides[]): RankerOptions {
  return (overrides as readonly Group[]).reduce(
    (merged, each) => mergeGroups(merged, withEncoderNames(each), base.preset),
    base as unknown as Group,
  ) as unknown as RankerOptions;
}

type Group = Readonly<Record<string, unknown>>;

/** Keys of JSON that would reach a prototype. */
const FOREIGN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function mergeGroups(base: Group, overrides: Group, where: string): Group {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    if (FOREIGN.has(key)) throw new RangeError(`${where}: expected a name of an option, got ${key}`);
    const current = merged[key];
    merged[key] =
      isGroup(current) && isGroup(value) && !differsInKind(current, value) ? mergeGroups(current, value, where) : value;
  }
  return merged;
}

/**
 * Turns names into groups. A later override of the training then keeps the encoder's name, and an override of the name
 * keeps the training.
 */
function withEncoderNames(overrides: Group): Group {
  const { content } = overrides;
  if (!isGroup(content)) return overrides;
  const named = MODALITIES.filter((name) => typeof content[name] === 'string');
  const encoders = Object.fromEntries(named.map((name) => [name, withEncoderName(content[name])]));
  return { ...overrides, content: { ...content, ...encoders } };
}

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function differsInKind(current: Group, value: Group): boolean {
  return value['kind'] !== undefined && value['kind'] !== current['kind'];
}
