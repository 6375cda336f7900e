import type { RankerOptions } from './options.js';

/** What a preset may be asked to change: any option, nested groups key by key. */
export type PresetOverrides = {
  readonly [K in keyof RankerOptions]?: RankerOptions[K] extends object | undefined
    ? Partial<NonNullable<RankerOptions[K]>>
    : RankerOptions[K];
};

const LEMUR: RankerOptions & { readonly content: NonNullable<RankerOptions['content']> } = {
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
  historyLength: 50,
  sequences: { short: true, long: 0, met: 50, similarity: true },
  idSequence: 'decoder',
  head: 'rankMixer',
  mixerHeadDim: 8,
  mixerDepth: 2,
  mixerExperts: 0,
  decoderDepth: 1,
  decoderHeads: 0,
  userDropout: 0.5,
  itemDropout: 0.05,
  // On MovieLens small the paper's T = 50 without centring collapsed all vectors within 100 steps and stayed at chance (4.81 where
  // ln 124 = 4.82); T = 10 with centring fell to 4.55 in 300 steps.
  // Against all of the batch, disliked items included, or against what was liked: no difference, here (apps/demo/README.md) as in LEMUR's Table 6. With
  // all, SQDC got further in few steps (cold GAUC on validation after 400: .573 against .565).
  sqdc: { weight: 0.1, temperature: 10, negatives: 'all', maskSession: true, centre: true },
  cic: { weight: 0, temperature: 10 },
  // At this size every encoding is worth its price: on MovieLens small 600 steps at p = q = 0.3 reached a validation AUC of .668,
  // 300 steps at 1 reached .676. The paper deploys 0.2.
  sampling: { forward: 1, backward: 1 },
  optimizer: {
    learningRate: 1e-3,
    encoderLearningRate: 1e-3,
    tableLearningRate: 5e-3,
    weightDecay: 0.01,
    tableWeightDecay: 0.1,
    warmupSteps: 50,
    clipNorm: 1,
  },
};

/** LEMUR, whole and joint: the ranking loss and SQDC train the encoders, histories come from the memory bank. */
export function lemur(overrides: PresetOverrides = {}): RankerOptions {
  return merge(LEMUR, overrides);
}

/** LEMUR's control (Table 3): the same encoders learn by SQDC alone, are frozen, and a ranker learns on their vectors. */
export function twoStage(overrides: PresetOverrides = {}): RankerOptions {
  return merge({ ...LEMUR, preset: 'twoStage', trainEncoders: false, pretrainSteps: 300 }, overrides);
}

/** The same ranker without content: user id, item id, and a decoder over the ids of the history. */
export function idOnly({ content: _ignored, ...overrides }: PresetOverrides = {}): RankerOptions {
  const { content: _, ...rest } = LEMUR;
  return merge({ ...rest, preset: 'idOnly', trainEncoders: false }, overrides);
}

function merge(base: RankerOptions, overrides: PresetOverrides): RankerOptions {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    const current = merged[key];
    merged[key] = isGroup(current) && isGroup(value) ? { ...current, ...value } : value;
  }
  return merged as unknown as RankerOptions;
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
