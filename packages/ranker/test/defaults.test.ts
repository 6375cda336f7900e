import type { Module } from '@sifaka/nn';
import {
  AutoInt,
  DcnV2,
  DeepFm,
  Dien,
  Din,
  Dlrm,
  FactorizationMachine,
  HistoryDecoder,
  Longer,
  MlpHead,
  RankMixer,
  Sim,
  similarityFeatures,
  similarityWidth,
  TokenMerge,
} from '@sifaka/ranker';
import { normal } from '@sifaka/test-kit';
import { concat, ones, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const GROUPS = { user: 3, item: 5 };
const features = () => ({ user: normal([2, 3], 1), item: normal([2, 5], 2) });
const inputs = (length: number) => ({
  features: features(),
  history: normal([2, length, 4], 3),
  mask: ones([2, length]),
});

/** Expects that two modules have the same weights and give the same output. */
function expectSame<M extends Module>(byDefault: M, spelledOut: M, forward: (module: M) => Tensor): void {
  const shapes = ({ parameters }: M) => [...parameters].map(([path, { shape }]) => `${path} ${shape}`);
  expect(shapes(byDefault)).toEqual(shapes(spelledOut));
  tidy(() => {
    expect(forward(byDefault)).toBeAllClose(forward(spelledOut), { atol: 0, rtol: 0 });
  });
  byDefault.dispose();
  spelledOut.dispose();
}

describe('the documented defaults', () => {
  it('of RankMixer', () => {
    const options = { groups: GROUPS, seed: 1 };
    const spelledOut = { ...options, headDim: 8, depth: 2, expansion: 4, feedForward: { kind: 'dense' } } as const;
    expectSame(new RankMixer(options), new RankMixer(spelledOut), (head) => head.forward(features()));
  });

  it.each([
    [false, 0.01],
    [true, 0.3],
  ])('of its experts: λ with denseTraining %s is %d', (denseTraining, regularization) => {
    const feedForward = { kind: 'experts', experts: 2, denseTraining } as const;
    const head = (more: object) => new RankMixer({ groups: GROUPS, seed: 1, feedForward: { ...feedForward, ...more } });
    expectSame(head({}), head({ regularization }), (each) => each.forwardTraining(features()).auxiliaryLoss!);
  });

  it('of MlpHead', () => {
    const options = { groups: GROUPS, seed: 1 };
    expectSame(new MlpHead(options), new MlpHead({ ...options, hiddenDims: [256, 64] }), (head) =>
      head.forward(features()),
    );
  });

  it('of FactorizationMachine', () => {
    const options = { groups: GROUPS, seed: 1 };
    expectSame(new FactorizationMachine(options), new FactorizationMachine({ ...options, factors: 16 }), (head) =>
      head.forward(features()),
    );
  });

  it('of DeepFm', () => {
    const options = { groups: GROUPS, seed: 1 };
    const spelledOut = { ...options, factors: 16, hiddenDims: [256, 64] };
    expectSame(new DeepFm(options), new DeepFm(spelledOut), (head) => head.forward(features()));
  });

  it('of Dlrm', () => {
    const options = { groups: GROUPS, seed: 1 };
    const spelledOut = { ...options, factors: 16, hiddenDims: [256, 64] };
    expectSame(new Dlrm(options), new Dlrm(spelledOut), (head) => head.forward(features()));
  });

  it('of DcnV2', () => {
    const options = { groups: GROUPS, seed: 1 };
    const spelledOut = { ...options, depth: 2, cross: { kind: 'full' }, structure: 'stacked' } as const;
    expectSame(new DcnV2(options), new DcnV2({ ...spelledOut, hiddenDims: [256, 64] }), (head) =>
      head.forward(features()),
    );
  });

  it('of AutoInt', () => {
    const options = { groups: GROUPS, seed: 1 };
    const spelledOut = { ...options, dim: 16, heads: 2, headDim: 32, depth: 3 };
    expectSame(new AutoInt(options), new AutoInt(spelledOut), (head) => head.forward(features()));
  });

  it('of HistoryDecoder', () => {
    const options = { groups: GROUPS, dim: 4, seed: 1 };
    const spelledOut = { ...options, depth: 1, residual: true, attention: { kind: 'printed' } } as const;
    expectSame(new HistoryDecoder(options), new HistoryDecoder(spelledOut), (reader) => reader.forward(inputs(6)));
  });

  it('of Longer', () => {
    const options = { groups: GROUPS, dim: 4, maxLength: 40, seed: 1 };
    const spelledOut = { ...options, learnedGlobals: 1, itemDim: 16, merge: 4, innerTransformer: true, recent: 4 };
    expectSame(new Longer(options), new Longer({ ...spelledOut, depth: 2, heads: 4 }), (reader) =>
      concat(Object.values(reader.encode(inputs(40))), 1),
    );
  });

  it('of Din', () => {
    const spelledOut = { hiddenDims: [36], activation: { kind: 'prelu' }, pooling: { kind: 'sum' } } as const;
    const [byDefault, other] = [new Din({ dim: 4, seed: 1 }), new Din({ dim: 4, ...spelledOut, seed: 1 })];
    expectSame(byDefault, other, (reader) => reader.forward({ target: normal([2, 4], 4), ...inputs(6) }));
  });

  it('of Dien', () => {
    const [byDefault, other] = [new Dien({ dim: 4, seed: 1 }), new Dien({ dim: 4, auxiliaryWeight: 1, seed: 1 })];
    expectSame(
      byDefault,
      other,
      (reader) => reader.forwardTraining({ target: normal([2, 4], 4), ...inputs(6) }).auxiliaryLoss!,
    );
  });

  it('of Sim', () => {
    const options = { dim: 4, seed: 1 };
    const byDefault = new Sim({ ...options, search: { kind: 'soft' } });
    const spelledOut = new Sim({ ...options, search: { kind: 'soft', pooled: false }, top: 50, heads: 4 });
    expectSame(byDefault, spelledOut, (reader) => reader.forward({ target: normal([2, 4], 4), ...inputs(60) }));
  });

  it.each([
    [1, false],
    [2, true],
  ])('of TokenMerge: with %i neighbours the inner transformer is %s', (merge, innerTransformer) => {
    const options = { itemDim: 4, merge, seed: 1 };
    expectSame(new TokenMerge(options), new TokenMerge({ ...options, innerTransformer }), (module) => {
      const { history, mask } = inputs(6);
      return module.forward(history, mask).tokens;
    });
  });

  it('of similarityFeatures: recent and top are all, whatever the other is', () => {
    expect(similarityWidth(5, { recent: 2 })).toBe(7);
    expect(similarityWidth(5, { top: 2 })).toBe(7);
    tidy(() => {
      const args = [normal([2, 4], 1), inputs(5).history, inputs(5).mask] as const;
      expect(similarityFeatures(...args, { recent: 2 })).toBeAllClose(
        similarityFeatures(...args, { recent: 2, top: 5, statistics: false }),
        { atol: 0, rtol: 0 },
      );
    });
  });
});
