import {
  AdamW,
  assertChoice,
  assertHeads,
  assertNumber,
  assertWhole,
  deriveSeed,
  dropout,
  EmbeddingTable,
  FeedForward,
  LayerNorm,
  Linear,
  LowRankUpdate,
  paddingBias,
  parameter,
  SelfAttention,
  scaledDotProductAttention,
  seededRandom,
  smallNormal,
  Transformer,
  TransformerBlock,
  warmupCosine,
  xavierUniform,
} from '@sifaka/nn';
import { ones, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const NOT_COUNTS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];
const NOT_RATES = [-1e-9, Number.NaN, Number.POSITIVE_INFINITY];

/** `[what is built, option, valid values, wrong values]`: each wrong value must be refused with the option's name. */
const cases: [string, (options: never) => unknown, Record<string, number>, Record<string, number[]>][] = [
  [
    'Linear',
    (o) => new Linear(o),
    { inputDim: 2, outputDim: 2, seed: 1 },
    { inputDim: NOT_COUNTS, outputDim: NOT_COUNTS },
  ],
  [
    'LowRankUpdate',
    (o) => new LowRankUpdate(o),
    { inputDim: 2, outputDim: 2, rank: 2, seed: 1 },
    { inputDim: NOT_COUNTS, outputDim: NOT_COUNTS, rank: NOT_COUNTS, alpha: [0, ...NOT_RATES] },
  ],
  ['LayerNorm', (o) => new LayerNorm(o), { dim: 2 }, { dim: NOT_COUNTS, epsilon: [0, ...NOT_RATES] }],
  ['FeedForward', (o) => new FeedForward(o), { dim: 2, seed: 1 }, { dim: NOT_COUNTS, hiddenDim: NOT_COUNTS }],
  ['SelfAttention', (o) => new SelfAttention(o), { dim: 2, heads: 1, seed: 1 }, { dim: NOT_COUNTS, heads: NOT_COUNTS }],
  [
    'TransformerBlock',
    (o) => new TransformerBlock(o),
    { dim: 2, heads: 1, seed: 1 },
    { dim: NOT_COUNTS, heads: NOT_COUNTS, hiddenDim: NOT_COUNTS },
  ],
  [
    'Transformer',
    (o) => new Transformer(o),
    { dim: 2, heads: 1, depth: 1, seed: 1 },
    { dim: NOT_COUNTS, heads: NOT_COUNTS, depth: NOT_COUNTS, hiddenDim: NOT_COUNTS },
  ],
  [
    'EmbeddingTable',
    (o) => new EmbeddingTable(o),
    { size: 0, dim: 1, seed: 1 },
    { size: NOT_COUNTS.slice(1), dim: NOT_COUNTS, deviation: NOT_RATES },
  ],
  [
    'AdamW',
    (o) => new AdamW(new Map(), o),
    { weightDecay: 0, beta1: 0 },
    { beta1: [1, ...NOT_RATES], beta2: [1, ...NOT_RATES], epsilon: [0, ...NOT_RATES], weightDecay: NOT_RATES },
  ],
  [
    'warmupCosine',
    (o) => warmupCosine(o),
    { peak: 0, totalSteps: 0, warmupSteps: 0, floor: 1 },
    { peak: NOT_RATES, totalSteps: NOT_COUNTS.slice(1), warmupSteps: NOT_COUNTS.slice(1), floor: [1.1, ...NOT_RATES] },
  ],
];

describe.each(cases)('%s', (where, build, valid, wrong) => {
  it('accepts values at the ends of their ranges', () => {
    const built = build(valid as never) as { dispose?: () => void };
    built.dispose?.();
  });

  it.each(Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    'refuses %s %s',
    (name, value) => {
      expect(() => build({ ...valid, [name]: value } as never)).toThrow(RangeError);
      expect(() => build({ ...valid, [name]: value } as never)).toThrow(`${where}: expected ${name} to be a`);
      expect(() => build({ ...valid, [name]: value } as never)).toThrow(`, got ${value}`);
    },
  );

  const seeded = 'seed' in valid ? [valid] : [];
  it.each(seeded)('refuses a seed that is not a whole number, which would be read as another seed', () => {
    for (const seed of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => build({ ...valid, seed } as never)).toThrow(
        `${where}: expected seed to be a whole number, got ${seed}`,
      );
    }
    (build({ ...valid, seed: -3 } as never) as { dispose?: () => void }).dispose?.();
  });
});

describe('functions', () => {
  it('refuse seeds that are not whole numbers', () => {
    const message = 'expected seed to be a whole number, got NaN';
    expect(() => deriveSeed(Number.NaN, 'a')).toThrow(`deriveSeed: ${message}`);
    expect(() => seededRandom(Number.NaN)).toThrow(`seededRandom: ${message}`);
    expect(() => xavierUniform([2, 2], Number.NaN)).toThrow(`xavierUniform: ${message}`);
    expect(() => smallNormal([2, 2], Number.NaN)).toThrow(`smallNormal: ${message}`);
    expect(() => smallNormal([2, 2], 1, -1)).toThrow('smallNormal: expected deviation to be a number from 0, got -1');
    tidy(() => {
      expect(() => dropout(ones([2]), 0.5, Number.NaN)).toThrow(`dropout: ${message}`);
    });
  });

  it('refuse tensors of another rank and scales that are no numbers', () => {
    tidy(() => {
      expect(() => paddingBias(ones([2]))).toThrow('paddingBias: mask: expected [B, S], got [2]');
      const flat = ones([2, 2, 2]);
      expect(() => scaledDotProductAttention(flat, flat, flat)).toThrow(
        'scaledDotProductAttention: query: expected [B, H, L, D], got [2, 2, 2]',
      );
      const x = ones([1, 1, 2, 2]);
      expect(() => scaledDotProductAttention(x, x, x, { scale: Number.NaN })).toThrow(
        'scaledDotProductAttention: expected scale to be a number from 0, got NaN',
      );
    });
  });

  it('refuse a schedule step that is no number', () => {
    const rate = warmupCosine({ peak: 1, totalSteps: 10 });
    expect(rate(1000)).toBeCloseTo(0.1, 12);
    expect(() => rate(Number.NaN)).toThrow('warmupCosine: expected step to be a number from 0, got NaN');
    expect(() => rate(-1)).toThrow('warmupCosine: expected step to be a number from 0, got -1');
  });

  it('say the whole range', () => {
    expect(() => assertNumber('F', { a: 2 }, { above: true, to: 1 })).toThrow(
      'F: expected a to be a number above 0 to 1',
    );
    expect(() => assertNumber('F', { a: 1 }, { below: 1 })).toThrow('F: expected a to be a number from 0 and below 1');
  });
});

describe('queries', () => {
  it.each([0, 3, -1, 1.5, Number.NaN])('%s of 2 tokens are refused', (queries) => {
    const block = new TransformerBlock({ dim: 2, heads: 1, seed: 1 });
    tidy(() => {
      const message = `expected queries from 1 to the 2 tokens, got ${queries}`;
      expect(() => block.forward(ones([1, 2, 2]), { queries })).toThrow(`TransformerBlock.forward: ${message}`);
      expect(() => block.attention.forward(ones([1, 2, 2]), { queries })).toThrow(`SelfAttention.forward: ${message}`);
    });
    block.dispose();
  });
});

describe('AdamW', () => {
  it('names the parameter of a wrong learning rate scale', () => {
    const weight = parameter(() => zeros([2]));
    const options = { group: () => ({ learningRateScale: Number.NaN }) };
    expect(() => new AdamW(new Map([['a.weight', weight]]), options)).toThrow(
      'AdamW: expected learningRateScale of a.weight to be a number from 0, got NaN',
    );
    weight.dispose();
  });

  it('refuses wrong rates and states, and changes nothing', () => {
    const weight = parameter(() => ones([2]));
    const optimizer = new AdamW(new Map([['weight', weight]]));
    tidy(() => {
      const gradients = new Map([['weight', ones([2])]]);
      for (const wrong of NOT_RATES) {
        expect(() => optimizer.apply(gradients, { learningRate: wrong })).toThrow(
          `AdamW.apply: expected learningRate to be a number from 0, got ${wrong}`,
        );
        expect(() => optimizer.apply(gradients, { learningRate: 1, gradientScale: wrong })).toThrow(
          `AdamW.apply: expected gradientScale to be a number from 0, got ${wrong}`,
        );
      }
    });
    const moments = { firstMoment: new Float32Array(2), secondMoment: new Float32Array(2) };
    expect(() => optimizer.restore({ ...moments, updates: Number.NaN })).toThrow(
      'AdamW.restore: expected updates to be a whole number from 0, got NaN',
    );
    expect(() => optimizer.restore({ ...moments, secondMoment: new Float32Array(3), updates: 1 })).toThrow(
      'AdamW.restore: expected moments of 2 weights, got 3',
    );
    expect(optimizer.updates).toBe(0);
    expect(weight).toBeAllClose([1, 1]);
    optimizer.dispose();
    weight.dispose();
  });
});

describe('EmbeddingTable.update', () => {
  const rows = Int32Array.of(3, 0);

  it.each([
    [2, Number.NaN, 'the unknown row'],
    [1, Number.NEGATIVE_INFINITY, 'id 2'],
  ])('names the row of a gradient that is not finite, and changes no row', (at, value, name) => {
    const table = new EmbeddingTable({ size: 4, dim: 2, seed: 1 });
    const before = Float32Array.from(table.values);
    const gradient = new Float32Array(4).fill(1);
    gradient[at] = value;
    expect(() => table.update({ rows }, gradient, { learningRate: 0.1 })).toThrow(
      `EmbeddingTable.update: expected finite gradients, got ${value} for ${name}`,
    );
    expect(table.values).toEqual(before);
    expect([...table.updates]).toEqual([0, 0, 0, 0, 0]);
  });

  it('refuses settings outside their range and rows outside the table', () => {
    const table = new EmbeddingTable({ size: 4, dim: 2, seed: 1 });
    const update =
      (options: object, some = rows) =>
      () =>
        table.update({ rows: some }, new Float32Array(4), { learningRate: 0.1, ...options });
    for (const name of ['learningRate', 'weightDecay', 'gradientScale', 'beta1', 'beta2', 'epsilon']) {
      for (const wrong of NOT_RATES) {
        expect(update({ [name]: wrong })).toThrow(`EmbeddingTable.update: expected ${name} to be a number`);
      }
    }
    expect(update({ beta2: 1 })).toThrow('expected beta2 to be a number from 0 and below 1, got 1');
    expect(update({ epsilon: 0 })).toThrow('expected epsilon to be a number above 0, got 0');
    expect(update({}, Int32Array.of(0, 5))).toThrow('EmbeddingTable.update: expected rows in 0 … 4, got 5');
  });
});

describe('assertChoice', () => {
  it('names the option and lists the choices', () => {
    expect(() => assertChoice('Sim', { 'search.kind': 'soft' }, ['hard', 'soft'])).not.toThrow();
    expect(() => assertChoice<string>('Sim', { a: 'hard', 'search.kind': 'fuzzy' }, ['hard', 'soft'])).toThrow(
      new RangeError("Sim: expected search.kind to be 'hard' or 'soft', got 'fuzzy'"),
    );
    const missing = undefined as unknown as 'hard';
    expect(() => assertChoice('Sim', { search: missing }, ['hard'])).toThrow(
      "expected search to be 'hard', got undefined",
    );
  });
});

describe('assertHeads', () => {
  it('names the width that the heads do not divide', () => {
    expect(() => assertHeads('Sim', { dim: 8 }, 4)).not.toThrow();
    for (const heads of [3, 16, 0, -4, 0.5, Number.NaN]) {
      expect(() => assertHeads('Sim', { dim: 8 }, heads)).toThrow(
        new RangeError(`Sim: expected heads to divide dim 8, got ${heads}`),
      );
    }
  });
});

describe('assertWhole', () => {
  it('names both ends of the range', () => {
    expect(() => assertWhole('sort', { top: 3 }, 0, 3)).not.toThrow();
    expect(() => assertWhole('sort', { top: 4 }, 0, 3)).toThrow(
      new RangeError('sort: expected top to be a whole number from 0 to 3, got 4'),
    );
  });
});
