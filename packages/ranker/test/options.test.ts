import {
  AutoInt,
  type AutoIntOptions,
  DcnV2,
  type DcnV2Options,
  DeepFm,
  type DeepFmOptions,
  Dien,
  type DienOptions,
  Din,
  type DinOptions,
  Dlrm,
  type DlrmOptions,
  FactorizationMachine,
  HistoryDecoder,
  type HistoryDecoderOptions,
  Longer,
  type LongerOptions,
  MeanPooling,
  MlpHead,
  nextRegularization,
  RankMixer,
  type RankMixerOptions,
  Sim,
  type SimOptions,
  similarityFeatures,
  similarityWidth,
  TokenMerge,
} from '@sifaka/ranker';
import { memory, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const GROUPS = { user: 3, item: 5 };
const { NaN: NAN, POSITIVE_INFINITY: INFINITY } = Number;

/** Expects a RangeError with this message, and no weights left on the device. */
function expectRefused(make: () => unknown, message: string): void {
  const before = memory().numTensors;
  expect(make).toThrow(new RangeError(message));
  expect(memory().numTensors).toBe(before);
}

describe('RankMixer refuses', () => {
  it.each<[Partial<RankMixerOptions>, string]>([
    [{ groups: {} }, 'expected at least one group, got none'],
    [{ groups: { user: NAN } }, 'expected group user to have a positive width, got NaN'],
    [{ headDim: 0 }, 'expected headDim to be a whole number from 1, got 0'],
    [{ headDim: NAN }, 'expected headDim to be a whole number from 1, got NaN'],
    [{ depth: 0 }, 'expected depth to be a whole number from 1, got 0'],
    [{ depth: 1.5 }, 'expected depth to be a whole number from 1, got 1.5'],
    [{ depth: INFINITY }, 'expected depth to be a whole number from 1, got Infinity'],
    [{ expansion: 0 }, 'expected expansion times the token width 16 to be a width, got 0'],
    [{ expansion: -1 }, 'expected expansion times the token width 16 to be a width, got -16'],
    [{ expansion: NAN }, 'expected expansion times the token width 16 to be a width, got NaN'],
    [{ expansion: 0.3 }, 'expected expansion times the token width 16 to be a width, got 4.8'],
    [{ tokens: 0 }, 'expected tokens to be a whole number from 1 to 8, got 0'],
    [{ tokens: 9 }, 'expected tokens to be a whole number from 1 to 8, got 9'],
    [{ seed: NAN }, 'expected seed to be a whole number, got NaN'],
    [
      { feedForward: { kind: 'experts', experts: 0 } },
      'expected feedForward.experts to be a whole number from 1, got 0',
    ],
    [
      { feedForward: { kind: 'experts', experts: 2, regularization: -1 } },
      'expected feedForward.regularization to be a number from 0, got -1',
    ],
    [
      { feedForward: { kind: 'experts', experts: 2, regularization: NAN } },
      'expected feedForward.regularization to be a number from 0, got NaN',
    ],
  ])('%o', (wrong, message) => {
    expectRefused(() => new RankMixer({ groups: GROUPS, seed: 1, ...wrong }), `RankMixer: ${message}`);
  });

  it('an unknown kind of feed-forward part', () => {
    const feedForward = { kind: 'sparse' } as unknown as { kind: 'dense' };
    expectRefused(
      () => new RankMixer({ groups: GROUPS, seed: 1, feedForward }),
      "RankMixer: expected feedForward.kind to be 'dense' or 'experts', got 'sparse'",
    );
  });

  it('a λ of a step that is negative or not a number, but takes half an expansion', () => {
    const model = new RankMixer({ groups: GROUPS, seed: 1, expansion: 0.5 });
    tidy(() => {
      const features = { user: zeros([1, 3]), item: zeros([1, 5]) };
      expect(() => model.forwardTraining(features, { regularization: NAN })).toThrow(
        'RankMixer.forwardTraining: expected regularization to be a number from 0, got NaN',
      );
    });
    model.dispose();
  });
});

it.each<[[number, number, number], string]>([
  [[-0.1, 0.5, 0.5], 'regularization to be a number from 0, got -0.1'],
  [[0.1, NAN, 0.5], 'activeShare to be a number from 0 to 1, got NaN'],
  [[0.1, 0.5, 50], 'budget to be a number from 0 to 1, got 50'],
])('nextRegularization refuses %j', (values, message) => {
  expectRefused(() => nextRegularization(...values), `nextRegularization: expected ${message}`);
});

it.each<[number[], string]>([
  [[0], 'hiddenDims[0] to be a whole number from 1, got 0'],
  [[4, NAN], 'hiddenDims[1] to be a whole number from 1, got NaN'],
])('MlpHead refuses hidden widths %j', (hiddenDims, message) => {
  expectRefused(() => new MlpHead({ groups: GROUPS, hiddenDims, seed: 1 }), `MlpHead: expected ${message}`);
});

it('FactorizationMachine refuses vectors without a width', () => {
  const make = () => new FactorizationMachine({ groups: GROUPS, factors: 0, seed: 1 });
  expectRefused(make, 'FactorizationMachine: expected factors to be a whole number from 1, got 0');
});

it.each<[Partial<DeepFmOptions>, string]>([
  [{ factors: NAN }, 'factors to be a whole number from 1, got NaN'],
  [{ hiddenDims: [4, 0] }, 'hiddenDims[1] to be a whole number from 1, got 0'],
])('DeepFm refuses %o', (wrong, message) => {
  expectRefused(() => new DeepFm({ groups: GROUPS, seed: 1, ...wrong }), `DeepFm: expected ${message}`);
});

it.each<[Partial<DlrmOptions>, string]>([
  [{ factors: 0.5 }, 'factors to be a whole number from 1, got 0.5'],
  [{ hiddenDims: [4, NAN] }, 'hiddenDims[1] to be a whole number from 1, got NaN'],
])('Dlrm refuses %o', (wrong, message) => {
  expectRefused(() => new Dlrm({ groups: GROUPS, seed: 1, ...wrong }), `Dlrm: expected ${message}`);
});

it.each<[Partial<DcnV2Options>, string]>([
  [{ depth: 0 }, 'DcnV2: expected depth to be a whole number from 1, got 0'],
  [{ hiddenDims: [0] }, 'DcnV2: expected hiddenDims[0] to be a whole number from 1, got 0'],
  [
    { cross: { kind: 'lowRank', rank: 0, experts: 1 } },
    'DcnV2: expected cross.rank to be a whole number from 1, got 0',
  ],
  [
    { cross: { kind: 'lowRank', rank: 2, experts: 0.5 } },
    'DcnV2: expected cross.experts to be a whole number from 1, got 0.5',
  ],
  [
    { cross: { kind: 'sparse' } as unknown as { kind: 'full' } },
    "DcnV2: expected cross.kind to be 'full' or 'lowRank', got 'sparse'",
  ],
  [{ structure: 'deep' as 'stacked' }, "DcnV2: expected structure to be 'stacked' or 'parallel', got 'deep'"],
])('DcnV2 refuses %o', (wrong, message) => {
  expectRefused(() => new DcnV2({ groups: GROUPS, seed: 1, ...wrong }), message);
});

it.each<[Partial<AutoIntOptions>, string]>([
  [{ dim: 0 }, 'dim to be a whole number from 1, got 0'],
  [{ heads: 1.5 }, 'heads to be a whole number from 1, got 1.5'],
  [{ headDim: NAN }, 'headDim to be a whole number from 1, got NaN'],
  [{ depth: 0 }, 'depth to be a whole number from 1, got 0'],
])('AutoInt refuses %o', (wrong, message) => {
  expectRefused(() => new AutoInt({ groups: GROUPS, seed: 1, ...wrong }), `AutoInt: expected ${message}`);
});

it.each<[Partial<HistoryDecoderOptions>, string]>([
  [{ groups: {} }, 'at least one group, got none'],
  [{ dim: 0 }, 'dim to be a whole number from 1, got 0'],
  [{ depth: 0 }, 'depth to be a whole number from 1, got 0'],
  [{ depth: NAN }, 'depth to be a whole number from 1, got NaN'],
  [{ seed: 0.5 }, 'seed to be a whole number, got 0.5'],
  [{ attention: { kind: 'projected', heads: 0 } }, 'heads to divide dim 4, got 0'],
  [{ attention: { kind: 'projected', heads: NAN } }, 'heads to divide dim 4, got NaN'],
])('HistoryDecoder refuses %o', (wrong, message) => {
  const make = () => new HistoryDecoder({ groups: GROUPS, dim: 4, seed: 1, ...wrong });
  expectRefused(make, `HistoryDecoder: expected ${message}`);
});

it.each<[Partial<LongerOptions>, string]>([
  [{ groups: {} }, 'at least one group, got none'],
  [{ dim: NAN }, 'dim to be a whole number from 1, got NaN'],
  [{ maxLength: 0 }, 'maxLength to be a whole number from 1, got 0'],
  [{ itemDim: 0 }, 'itemDim to be a whole number from 1, got 0'],
  [{ merge: 0 }, 'merge to be a whole number from 1, got 0'],
  [{ depth: 0 }, 'depth to be a whole number from 1, got 0'],
  [{ recent: NAN }, 'recent to be a whole number from 0, got NaN'],
  [{ recent: -1 }, 'recent to be a whole number from 0, got -1'],
  [{ learnedGlobals: 0.5 }, 'learnedGlobals to be a whole number from 0, got 0.5'],
  [{ heads: 0 }, 'heads to divide the token width 64, got 0'],
  [{ heads: 3 }, 'heads to divide the token width 64, got 3'],
  [{ seed: INFINITY }, 'seed to be a whole number, got Infinity'],
])('Longer refuses %o', (wrong, message) => {
  const make = () => new Longer({ groups: GROUPS, dim: 4, maxLength: 8, seed: 1, ...wrong });
  expectRefused(make, `Longer: expected ${message}`);
});

it.each<[Partial<DinOptions>, string]>([
  [{ dim: 0 }, ' expected dim to be a whole number from 1, got 0'],
  [{ hiddenDims: [] }, ' expected at least one hidden layer, got none'],
  [{ hiddenDims: [4, NAN] }, ' expected hiddenDims[1] to be a whole number from 1, got NaN'],
  [{ seed: NAN }, ' expected seed to be a whole number, got NaN'],
  [
    { activation: { kind: 'relu' as 'prelu' } },
    " expected activation.kind to be 'prelu' or 'dice' or 'sigmoid', got 'relu'",
  ],
  [{ pooling: { kind: 'mean' as 'sum' } }, " expected pooling.kind to be 'sum' or 'softmax', got 'mean'"],
])('Din refuses %o', (wrong, message) => {
  expectRefused(() => new Din({ dim: 4, seed: 1, ...wrong }), `Din:${message}`);
});

it.each<[Partial<DienOptions>, string]>([
  [{ dim: NAN }, 'dim to be a whole number from 1, got NaN'],
  [{ auxiliaryWeight: -1 }, 'auxiliaryWeight to be a number from 0, got -1'],
  [{ auxiliaryWeight: INFINITY }, 'auxiliaryWeight to be a number from 0, got Infinity'],
  [{ seed: 0.5 }, 'seed to be a whole number, got 0.5'],
])('Dien refuses %o', (wrong, message) => {
  expectRefused(() => new Dien({ dim: 4, seed: 1, ...wrong }), `Dien: expected ${message}`);
});

it.each<[Partial<SimOptions>, string]>([
  [{ search: { kind: 'fuzzy' as 'soft' } }, " expected search.kind to be 'hard' or 'soft', got 'fuzzy'"],
  [{ dim: 0 }, ' expected dim to be a whole number from 1, got 0'],
  [{ top: 0 }, ' expected top to be a whole number from 1, got 0'],
  [{ heads: 3 }, ' expected heads to divide dim 4, got 3'],
  [{ seed: INFINITY }, ' expected seed to be a whole number, got Infinity'],
])('Sim refuses %o', (wrong, message) => {
  expectRefused(() => new Sim({ dim: 4, search: { kind: 'soft' }, seed: 1, ...wrong }), `Sim:${message}`);
});

it('MeanPooling refuses a width below 1', () => {
  expectRefused(() => new MeanPooling({ dim: 0 }), 'MeanPooling: expected dim to be a whole number from 1, got 0');
});

it('TokenMerge refuses widths and numbers of neighbours below 1', () => {
  const make = (wrong: object) => () => new TokenMerge({ itemDim: 4, merge: 2, seed: 1, ...wrong });
  expectRefused(make({ itemDim: 0 }), 'TokenMerge: expected itemDim to be a whole number from 1, got 0');
  expectRefused(make({ merge: NAN }), 'TokenMerge: expected merge to be a whole number from 1, got NaN');
});

it.each<[number, object, string]>([
  [NAN, {}, 'historyLength to be a whole number from 0, got NaN'],
  [5, { recent: NAN }, 'recent to be a whole number from 0, got NaN'],
  [5, { top: -1 }, 'top to be a whole number from 0, got -1'],
  [5, { recent: 0, top: 0 }, 'some features, got none'],
])('similarityWidth of %d events refuses %o', (length, options, message) => {
  expectRefused(() => similarityWidth(length, options), `similarityWidth: expected ${message}`);
  if (Number.isNaN(length)) return;
  tidy(() => {
    const [target, history, mask] = [zeros([1, 2]), zeros([1, length, 2]), zeros([1, length])];
    expect(() => similarityFeatures(target, history, mask, options)).toThrow(`similarityFeatures: expected ${message}`);
  });
});

it('a group named like a method of objects is missing, not found', () => {
  const head = new MlpHead({ groups: { toString: 2 }, hiddenDims: [], seed: 1 });
  expect(() => head.forward({})).toThrow('MlpHead.forward: toString: expected [B, 2], got []');
  head.dispose();
});
