import { ShapeError } from '@sifaka/nn';
import type { Features, RankingHead, RankingHeadOptions } from '@sifaka/ranker';
import { checkGradient, expectSeededModule, normal } from '@sifaka/test-kit';
import { add, gather, memory, mul, type Scalar, sum, type Tensor, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { expectDistinctWeights } from './distinct-weights.js';
import { expectGradientForEveryParameter } from './parameter-gradients.js';

const GROUPS = { user: 3, item: 2, history: 4 };

function featuresOf(rows: number): Record<keyof typeof GROUPS, Tensor> {
  return {
    user: normal([rows, GROUPS.user], 1),
    item: normal([rows, GROUPS.item], 2),
    history: normal([rows, GROUPS.history], 3),
  };
}

/**
 * Tests that every {@link RankingHead} must pass.
 *
 * @param name class name, as in error messages, then anything that tells variants apart: `'RankMixer, experts'`.
 */
export function headContract(name: string, make: (options: RankingHeadOptions) => RankingHead): void {
  describe(`${name} as a RankingHead`, () => {
    const heads: RankingHead[] = [];
    const head = (options: Partial<RankingHeadOptions> = {}): RankingHead => {
      const made = make({ groups: GROUPS, seed: 1, ...options });
      heads.push(made);
      return made;
    };
    afterEach(() => {
      for (const made of heads.splice(0)) made.dispose();
    });

    it.each([1, 4])('returns [B] for %i rows, served and trained', (rows) => {
      const made = head();
      tidy(() => {
        const features = featuresOf(rows);
        expect(made.forward(features).shape).toEqual([rows]);
        const { logits, auxiliaryLoss, activeShare } = made.forwardTraining(features);
        expect(logits.shape).toEqual([rows]);
        for (const scalar of [auxiliaryLoss, activeShare]) if (scalar !== undefined) expect(scalar.shape).toEqual([]);
      });
    });

    it('takes a single group', () => {
      const made = head({ groups: { user: 3 } });
      tidy(() => {
        expect(made.forward({ user: normal([2, 3], 1) }).shape).toEqual([2]);
      });
    });

    it('borrows its features, and the caller owns its output', () => {
      const made = head();
      tidy(() => {
        const features = featuresOf(4);
        const values = () => Object.values(features).map((tensor) => [...tensor.dataSync()]);
        const before = values();
        const count = memory().numTensors;
        const logits = made.forward(features);
        expect(memory().numTensors).toBe(count + 1);
        logits.dispose();
        const trained = Object.values(made.forwardTraining(features)) as Tensor[];
        expect(memory().numTensors).toBe(count + trained.length);
        for (const tensor of trained) tensor.dispose();
        expect(values()).toEqual(before);
      });
    });

    it('scores each row by itself', () => {
      const made = head();
      tidy(() => {
        const features = featuresOf(4);
        const order = tensor1d([2, 0, 3, 1], 'int32');
        const reordered = Object.fromEntries(Object.entries(features).map(([group, x]) => [group, gather(x, order)]));
        expect(made.forward(reordered)).toBeAllClose(gather(made.forward(features), order), { atol: 1e-5 });
      });
    });

    it('finds its groups by name and ignores others', () => {
      const made = head();
      tidy(() => {
        const { user, item, history } = featuresOf(4);
        const features = { other: normal([4, 7], 4), history, item, user };
        const logits = made.forward({ user, item, history });
        expect(made.forward(features)).toBeAllClose(logits, { atol: 0, rtol: 0 });
      });
    });

    it('trains with the scores that it serves, if it has no auxiliary loss', () => {
      const made = head();
      tidy(() => {
        const features = featuresOf(4);
        const { logits, auxiliaryLoss } = made.forwardTraining(features);
        if (auxiliaryLoss === undefined) expect(logits).toBeAllClose(made.forward(features), { atol: 0, rtol: 0 });
      });
    });

    it('passes a gradient to every parameter when it trains', () => {
      const made = head();
      tidy(() => {
        const features = featuresOf(6);
        const upstream = normal([6], 5);
        expectGradientForEveryParameter(made.parameters, () => {
          const { logits, auxiliaryLoss } = made.forwardTraining(features);
          const loss = sum(mul(logits, upstream)) as Scalar;
          return auxiliaryLoss === undefined ? loss : add(loss, auxiliaryLoss);
        });
      });
    });

    it('has the gradient of finite differences for every group', () => {
      const made = head();
      tidy(() => {
        const { user, item, history } = featuresOf(2);
        const upstream = tensor1d([1, -2]);
        const loss = (...[user, item, history]: readonly Tensor[]): Scalar =>
          sum(mul(made.forward({ user: user!, item: item!, history: history! }), upstream));
        checkGradient(loss, [user, item, history], { atol: 2e-2 });
      });
    });

    it('draws other weights for each of its layers', () => {
      expectDistinctWeights(head().parameters);
    });

    it('draws its weights from the seed, and disposes them', () => {
      expectSeededModule(
        (seed) => head({ seed }),
        (made) => made.forward(featuresOf(4)),
      );
    });

    it('names the group that is missing or does not fit', () => {
      const made = head();
      const where = name.split(',')[0]!;
      tidy(() => {
        const { user, item, history } = featuresOf(4);
        for (const method of ['forward', 'forwardTraining'] as const) {
          const call = (features: Features) => () => made[method](features);
          expect(call({ user, item })).toThrow(ShapeError);
          expect(call({ user, item })).toThrow(`${where}.forward`);
          expect(call({ user, item })).toThrow('history: expected [4, 4], got []');
          expect(call({ item, history })).toThrow('user: expected [B, 3], got []');
          expect(call({ user, item: zeros([4, 5]), history })).toThrow('item: expected [4, 2], got [4, 5]');
          expect(call({ user, item: zeros([3, 2]), history })).toThrow('item: expected [4, 2], got [3, 2]');
        }
      });
    });

    it('refuses no groups, one without a width, and a seed that is not whole, before it creates a weight', () => {
      const before = memory().numTensors;
      expect(() => head({ groups: {} })).toThrow(`${name.split(',')[0]}: expected at least one group, got none`);
      expect(() => head({ groups: { user: 3, item: 0 } })).toThrow(
        'expected group item to have a positive width, got 0',
      );
      expect(() => head({ seed: 0.5 })).toThrow(`${name.split(',')[0]}: expected seed to be a whole number, got 0.5`);
      expect(memory().numTensors).toBe(before);
    });
  });
}
