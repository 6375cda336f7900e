import {
  buildRanker,
  checkOptions,
  em3,
  idOnly,
  lemur,
  type PresetOverrides,
  type RankerOptions,
  twoStage,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { makeCatalogue, tinyIdOnly, tinyLemur, tinyTwoStage, USERS } from './small-world.js';

/** The message with which `lemur` refuses overrides that may break their types, as plain JavaScript can. */
function refusal(overrides: unknown): string {
  try {
    lemur(overrides as PresetOverrides);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  return 'accepted';
}

const UNREAD = { vectors: false, similarity: false };

/** Two sequences whose vectors are not read, and one without items. */
const NO_VECTORS = { liked: UNREAD, long: { length: 0 }, disliked: UNREAD };

describe('a preset refuses', () => {
  test('unknown options, all of them by their paths', () => {
    expect(refusal({ dimm: 99, optimizer: { lr: 1 } })).toBe('lemur: unknown option optimizer.lr; unknown option dimm');
    expect(refusal({ sequences: { recent: { length: 3 }, liked: { similarity: { topk: 3 } } } })).toBe(
      'lemur: unknown option sequences.liked.similarity.topk; unknown option sequences.recent',
    );
    expect(refusal({ sequences: { liked: { ids: { heads: 2 } } } })).toBe(
      'lemur: unknown option sequences.liked.ids.heads',
    );
  });

  test('names that reach a prototype, which JSON may hold, at every depth', () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      for (const json of [`{"${name}":{"dim":7}}`, `{"optimizer":{"${name}":{"learningRate":7}}}`]) {
        const overrides = JSON.parse(json) as PresetOverrides;
        expect(() => lemur(overrides)).toThrow(new RangeError(`lemur: expected a name of an option, got ${name}`));
        expect(() => idOnly(overrides)).toThrow(`idOnly: expected a name of an option, got ${name}`);
      }
    }
    expect(Object.getPrototypeOf(lemur())).toBe(Object.prototype);
  });

  const IMPOSSIBLE: readonly (readonly [overrides: unknown, message: string])[] = [
    [{ dim: 0 }, 'dim: expected 1 or more, got 0'],
    [{ dim: 1.5 }, 'dim: expected a whole number, got 1.5'],
    [{ dim: Number.NaN }, 'dim: expected a number, got NaN'],
    [{ dim: Number.POSITIVE_INFINITY }, 'dim: expected a number, got Infinity'],
    [{ seed: '1' }, 'seed: expected a number, got "1"'],
    [{ userDropout: -0.1 }, 'userDropout: expected 0 or more, got -0.1'],
    [{ itemDropout: 1.1 }, 'itemDropout: expected 1 or less, got 1.1'],
    [{ trainEncoders: 1 }, 'trainEncoders: expected a boolean, got 1'],
    [{ content: null }, 'content: expected an object, got null'],
    [{ content: { heads: 0 } }, 'content.heads: expected 1 or more, got 0'],
    [{ content: { heads: 3 } }, 'content.heads: expected a divisor of dim 64, got 3'],
    [
      { content: { image: { train: { kind: 'half' } } } },
      'content.image.train.kind: expected "full" or "frozen" or "top" or "lora", got "half"',
    ],
    [
      { content: { text: { train: { kind: 'top', blocks: 3 } } } },
      'content.text.train.blocks: expected at most textDepth 2, got 3',
    ],
    [
      { content: { text: { train: { kind: 'top', blocks: 0 } } } },
      'content.text.train.blocks: expected 1 or more, got 0',
    ],
    [
      { content: { image: { train: { kind: 'lora', rank: 65 } } } },
      'content.image.train.rank: expected at most dim 64, got 65',
    ],
    ...['q_proj', 'banana.query', 'blocks.2.attention.query'].map((target): [PresetOverrides, string] => [
      { content: { imageDepth: 2, image: { train: { kind: 'lora', rank: 1, targets: ['value', target] } } } },
      'content.image.train.targets: expected "attention.input" or "attention.output" or "feedForward.expand" or ' +
        '"feedForward.contract" or "attention.query" or "attention.key" or "attention.value", or ends of these names, ' +
        `got "${target}"`,
    ]),
    [
      { content: { image: { train: { kind: 'lora', rank: 1, targets: [] } } } },
      'content.image.train.targets: expected 1 or more, got []',
    ],
    [
      { content: { image: { train: { kind: 'frozen' }, learningRate: 1e-4, recompute: true } } },
      "content.image.learningRate: expected none because train.kind is 'frozen', got 0.0001; " +
        "content.image.recompute: expected none because train.kind is 'frozen', got true",
    ],
    [
      { content: { text: { train: { kind: 'lora', rank: 1 }, layerDecay: 0.9 } } },
      "content.text.layerDecay: expected none because train.kind is 'lora', got 0.9",
    ],
    [{ content: { text: { layerDecay: 1.5 } } }, 'content.text.layerDecay: expected 1 or less, got 1.5'],
    [
      { content: { text: { learningRate: 1e-4 } }, optimizer: { encoderLearningRate: 0 } },
      'content.text.learningRate: expected none because optimizer.encoderLearningRate is 0, got 0.0001',
    ],
    [{ content: { fusionQueries: 0 } }, 'content.fusionQueries: expected 1 or more, got 0'],
    [{ content: { query: 'typed' } }, 'content.query: expected "likedTitles" or "samples" or "none", got "typed"'],
    [{ content: { query: 'none' } }, "sqdc.weight: expected 0 because content.query is 'none', got 0.1"],
    [
      { content: { query: 'none' }, sqdc: { weight: 0 }, pretrainSteps: 9 },
      "pretrainSteps: expected 0 because content.query is 'none', got 9",
    ],
    [
      { content: { fusion: { kind: 'sum' } } },
      'content.fusion.kind: expected "queryFormer" or "concatenation", got "sum"',
    ],
    [
      { content: { history: { kind: 'lora' } } },
      'content.history.kind: expected "frozen" or "lowRank" or "sharedFusion" or "full", got "lora"',
    ],
    [
      { content: { history: { kind: 'lowRank', rank: 8 } }, sequences: NO_VECTORS },
      'content.history.kind: expected "frozen" because no sequence in sequences reads vectors, got "lowRank"',
    ],
    [
      { content: { history: { kind: 'sharedFusion', rank: 8 } }, sequences: NO_VECTORS },
      'content.history.kind: expected "frozen" because no sequence in sequences reads vectors, got "sharedFusion"',
    ],
    [{ content: { history: { kind: 'lowRank', rank: 65 } } }, 'content.history.rank: expected at most dim 64, got 65'],
    [
      { content: { history: { kind: 'full' } }, trainEncoders: false },
      'content.history.kind: expected another kind because trainEncoders is false, got "full"',
    ],
    [
      { content: { history: { kind: 'full' } }, rankingTrainsEncoders: false },
      'content.history.kind: expected another kind because rankingTrainsEncoders is false, got "full"',
    ],
    [{ sampling: { forward: 2 } }, 'sampling.forward: expected 1 or less, got 2'],
    [{ sampling: { forward: 0.2, backward: 0.3 } }, 'sampling.backward: expected at most forward, got 0.3'],
    [{ sampling: { hot: { writes: 20, rate: -1 } } }, 'sampling.hot.rate: expected 0 or more, got -1'],
    [{ sampling: { hot: { rate: 0.1 } } }, 'sampling.hot.writes: expected a number, got undefined'],
    [{ sequences: { liked: { length: 0 } } }, 'sequences.liked.length: expected 1 or more, got 0'],
    [{ sequences: { long: { length: -1 } } }, 'sequences.long.length: expected 0 or more, got -1'],
    [
      { sequences: { liked: { vectors: false } } },
      'sequences.liked.similarity: expected false because vectors is false, got an object of options',
    ],
    [{ sequences: { liked: { ids: true } } }, 'sequences.liked.ids: expected false or an object of options, got true'],
    [
      { sequences: { liked: { ids: { kind: 'gru' } } } },
      'sequences.liked.ids.kind: expected "decoder" or "longer" or "meanPooling" or "din" or "dien" or "sim", got "gru"',
    ],
    [
      { sequences: { liked: { ids: { kind: 'sim', search: { kind: 'soft' }, heads: 3 } } } },
      'sequences.liked.ids.heads: expected a divisor of idDim 16, got 3',
    ],
    [{ sequences: { liked: { ids: { depth: 0 } } } }, 'sequences.liked.ids.depth: expected 1 or more, got 0'],
    [
      { sequences: { disliked: { ids: { attention: { kind: 'projected', heads: 3 } } } } },
      'sequences.disliked.ids.attention.heads: expected a divisor of idDim 16, got 3',
    ],
    [
      { sequences: { long: { vectors: { attention: { kind: 'projected', heads: 3 } } } } },
      'sequences.long.vectors.attention.heads: expected a divisor of dim 64, got 3',
    ],
    [
      { head: { kind: 'wideDeep' } },
      'head.kind: expected "rankMixer" or "mlp" or "factorizationMachine" or "deepFm" or "dlrm" or "dcnV2" or ' +
        '"autoInt", got "wideDeep"',
    ],
    [{ head: { kind: 'dcnV2', structure: 'deep' } }, 'head.structure: expected "stacked" or "parallel", got "deep"'],
    [{ head: { kind: 'mlp' } }, 'head.hiddenDims: expected an array, got undefined'],
    [{ head: { kind: 'mlp', hiddenDims: [64, 0] } }, 'head.hiddenDims.1: expected 1 or more, got 0'],
    [{ head: { feedForward: { kind: 'experts' } } }, 'head.feedForward.experts: expected a number, got undefined'],
    [{ sqdc: { temperature: 0 } }, 'sqdc.temperature: expected more than 0, got 0'],
    [{ sqdc: { negatives: 'none' } }, 'sqdc.negatives: expected "positives" or "all", got "none"'],
    [{ cic: { negatives: { kind: 'none' } } }, 'cic.negatives.kind: expected "all" or "sampled", got "none"'],
    [{ cic: { weight: -1 } }, 'cic.weight: expected 0 or more, got -1'],
    [{ optimizer: { learningRate: -1 } }, 'optimizer.learningRate: expected 0 or more, got -1'],
    [{ optimizer: { tableLearningRate: Number.NaN } }, 'optimizer.tableLearningRate: expected a number, got NaN'],
    [{ optimizer: { clipNorm: 0 } }, 'optimizer.clipNorm: expected more than 0, got 0'],
  ];

  test.each(IMPOSSIBLE)('%j, naming the option', (overrides, message) => {
    expect(refusal(overrides)).toContain(`lemur: ${message}`);
  });

  test('several values at once', () => {
    expect(refusal({ idDim: 0, sqdc: { weight: -1 }, optimizer: { warmupSteps: 0.5 } })).toBe(
      'lemur: idDim: expected 1 or more, got 0; sqdc.weight: expected 0 or more, got -1; ' +
        'optimizer.warmupSteps: expected a whole number, got 0.5',
    );
  });

  test('under its own name', () => {
    expect(() => twoStage({ dim: 0 })).toThrow(/^twoStage: dim: /);
    expect(() => idOnly({ dim: 0 })).toThrow(/^idOnly: dim: /);
    expect(() => em3({ dim: 0 })).toThrow(/^em3: dim: /);
  });
});

describe('buildRanker refuses', () => {
  const world = { catalogue: makeCatalogue(), numUsers: USERS };
  const build = (options: RankerOptions) => () => buildRanker(options, world);

  test('a whole projection and its part as targets, and leaves no tensor', () => {
    const train = { kind: 'lora', rank: 1, targets: ['attention.input', 'query'] } as const;
    for (const name of ['image', 'text']) {
      expect(build(tinyLemur({ content: { [name]: { train } } }))).toThrow(
        /or its part '.*query' as a target, got both/,
      );
    }
  });

  test('a negative size of what is kept of frozen layers, and leaves no tensor', () => {
    const options = tinyLemur({ content: { text: { train: { kind: 'frozen' } } } });
    expect(() => buildRanker(options, { ...world, frozenPrefixes: { maxBytes: -1 } })).toThrow(
      'FrozenPrefixCache: expected maxBytes to be a number from 0, got -1',
    );
  });

  test('nothing of its own remains if a part that is given fails', () => {
    const head = () => {
      throw new Error('no head today');
    };
    expect(() => buildRanker(tinyLemur(), { ...world, parts: { head } })).toThrow('no head today');
  });

  test('options made by hand that no preset would give', () => {
    const options = tinyLemur();
    expect(build({ ...options, optimizer: { ...options.optimizer, learningRate: -1 } })).toThrow(
      new RangeError('buildRanker: optimizer.learningRate: expected 0 or more, got -1'),
    );
    const misspelt = { ...options, preset: 'mine', decoderDepth: 2 };
    expect(build(misspelt)).toThrow(new RangeError('buildRanker: unknown option decoderDepth'));
  });

  test('options that lack one', () => {
    const { head: _, ...headless } = tinyLemur();
    expect(build(headless as unknown as RankerOptions)).toThrow(
      new RangeError('buildRanker: head: expected an object, got undefined'),
    );
  });
});

describe('overrides', () => {
  test('of several arguments are merged key by key; later ones win', () => {
    const plain = lemur();
    const merged = lemur(
      { seed: 2, optimizer: { learningRate: 0.1, clipNorm: 2 } },
      { seed: 3, optimizer: { clipNorm: 3 }, sequences: { long: { length: 9 } } },
      { optimizer: {} },
    );
    expect(merged).toEqual({
      ...plain,
      seed: 3,
      optimizer: { ...plain.optimizer, learningRate: 0.1, clipNorm: 3 },
      sequences: { ...plain.sequences, long: { ...plain.sequences.long, length: 9 } },
    });
  });

  test('of a group of the same kind change its keys', () => {
    expect(lemur({ head: { kind: 'rankMixer', depth: 3 } }).head).toEqual({ ...lemur().head, depth: 3 });
    expect(lemur({ head: { depth: 3 } }).head).toEqual({ ...lemur().head, depth: 3 });
  });

  test('of another kind replace the group, and so do false and an array', () => {
    const mlp = { kind: 'mlp', hiddenDims: [8, 4] } as const;
    expect(lemur({ head: mlp }).head).toEqual(mlp);
    expect(lemur({ head: mlp }, { head: { hiddenDims: [2] } }).head).toEqual({ kind: 'mlp', hiddenDims: [2] });
    const { liked } = lemur({ sequences: { liked: { ids: { kind: 'longer' }, similarity: false } } }).sequences;
    expect(liked).toEqual({ ...lemur().sequences.liked, ids: { kind: 'longer' }, similarity: false });
    const on = lemur(
      { sequences: { liked: { ids: false } } },
      { sequences: { liked: { ids: { kind: 'decoder', depth: 2, attention: { kind: 'printed' } } } } },
    );
    expect(on.sequences.liked.ids).toEqual({ kind: 'decoder', depth: 2, attention: { kind: 'printed' } });
  });

  test('that are undefined change nothing', () => {
    const undefinedHead = { head: undefined } as unknown as PresetOverrides;
    expect(lemur(undefinedHead)).toEqual(lemur());
  });
});

describe('options', () => {
  const EVERY = {
    lemur: lemur(),
    twoStage: twoStage(),
    idOnly: idOnly(),
    em3: em3(),
    tinyLemur: tinyLemur({ sampling: { hot: { writes: 20, rate: 0.1 } }, head: { kind: 'mlp', hiddenDims: [4] } }),
    tinyTwoStage: tinyTwoStage({ sequences: { long: { length: 3 } } }),
    tinyIdOnly: tinyIdOnly({ sequences: { liked: { ids: { kind: 'longer' } } } }),
  };

  test.each(Object.entries(EVERY))('of %s survive JSON', (_, options) => {
    expect(checkOptions('test', JSON.parse(JSON.stringify(options)) as RankerOptions)).toEqual(options);
  });

  test('are a copy, with the keys in one order', () => {
    const { optimizer, ...rest } = lemur();
    const reordered: RankerOptions = { optimizer, ...rest };
    const checked = checkOptions('test', reordered);
    expect(checked).not.toBe(reordered);
    expect(JSON.stringify(checked)).toBe(JSON.stringify(lemur()));
  });
});
