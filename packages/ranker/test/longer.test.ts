import { countParameters, importParameters, ShapeError } from '@sifaka/nn';
import { type HistoryReaderInputs, Longer, type LongerOptions } from '@sifaka/ranker';
import { checkGradient, expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  concat,
  memory,
  mul,
  ones,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const SMALL = {
  groups: { target: 3, user: 2 },
  dim: 4,
  maxLength: 12,
  itemDim: 4,
  merge: 2,
  recent: 3,
  depth: 2,
  heads: 2,
  seed: 1,
} satisfies LongerOptions;

function inputsOf(batch: number, length: number, seed = 1): HistoryReaderInputs {
  const features = { target: normal([batch, 3], seed), user: normal([batch, 2], seed + 1) };
  return { features, history: normal([batch, length, 4], seed + 2), mask: ones([batch, length]) };
}

/** The same inputs with one item moved far away. */
function withItemMoved(inputs: HistoryReaderInputs, place: number): HistoryReaderInputs {
  const [batch, length, dim] = inputs.history.shape as [number, number, number];
  const moves = [zeros([batch, place, dim]), mul(ones([batch, 1, dim]), 3), zeros([batch, length - place - 1, dim])];
  return { ...inputs, history: add(inputs.history, concat(moves, 1)) };
}

const tokenAt = (tokens: Tensor, place: number): Tensor =>
  slice(tokens, [0, place, 0], [tokens.shape[0]!, 1, tokens.shape[2]!]);

interface LongerGolden {
  readonly options: Omit<LongerOptions, 'seed'>;
  readonly weights: string;
  readonly features: Readonly<Record<'target' | 'user', number[][]>>;
  readonly history: number[][][];
  readonly mask: number[][];
  readonly output: number[][];
  readonly upstream: number[][];
  readonly gradients: string;
}

describe('Longer', () => {
  it('gives the output and gradients of a PyTorch module that goes row by row and never sees padding', () => {
    const golden = readGolden<LongerGolden>(import.meta.url, 'longer');
    const longer = new Longer({ ...golden.options, seed: 1 });
    importParameters(longer.parameters, goldenTensors(golden.weights));
    tidy(() => {
      const inputs: HistoryReaderInputs = {
        features: { target: tensor2d(golden.features.target), user: tensor2d(golden.features.user) },
        history: tensor3d(golden.history),
        mask: tensor2d(golden.mask),
      };
      expect(longer.forward(inputs)).toBeAllClose(golden.output, { atol: 1e-4, rtol: 1e-4 });
      const loss = (): Scalar => sum(mul(longer.forward(inputs), tensor2d(golden.upstream)));
      expectGoldenGradients(loss, longer.parameters, golden.gradients);
    });
    longer.dispose();
  });

  it('has the gradient of finite differences for globals and sequence', () => {
    const longer = new Longer({ ...SMALL, itemDim: 2, depth: 2, heads: 1 });
    tidy(() => {
      const { features, history } = inputsOf(1, 3);
      const weights = normal([1, longer.outputDim], 9);
      const mask = tensor2d([[1, 1, 0]]);
      checkGradient(
        (target, items) => {
          const inputs = { features: { target: target!, user: features['user']! }, history: items!, mask };
          return sum(mul(longer.forward(inputs), weights)) as Scalar;
        },
        [features['target']!, history],
        { atol: 2e-2 },
      );
    });
    longer.dispose();
  });

  it('lets a token see nothing later than itself: neither newer items nor the candidate', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 8); // most recent first: tokens are items {0, 1}, {2, 3}, {4, 5} and, not asking, {6, 7}
      const before = longer.encode(inputs);
      const other = { ...inputs, features: { target: normal([2, 3], 50), user: normal([2, 2], 51) } };
      expect(longer.encode(other).recent).toBeAllClose(before.recent);
      expect(longer.encode(other).globals).not.toBeAllClose(before.globals, { atol: 1e-2 });
      const after = longer.encode(withItemMoved(inputs, 2));
      expect(tokenAt(after.recent, 2)).toBeAllClose(tokenAt(before.recent, 2));
      for (const place of [0, 1]) {
        expect(tokenAt(after.recent, place)).not.toBeAllClose(tokenAt(before.recent, place), { atol: 1e-3 });
      }
    });
    longer.dispose();
  });

  it('reads the whole sequence in its first layer, beyond the tokens that ask', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 10);
      const [before, after] = [inputs, withItemMoved(inputs, 9)].map((some) => longer.encode(some));
      for (const place of [0, 1, 2]) {
        expect(tokenAt(after!.recent, place)).not.toBeAllClose(tokenAt(before!.recent, place), { atol: 1e-4 });
      }
      for (const place of [0, 1, 2]) {
        expect(tokenAt(after!.globals, place)).not.toBeAllClose(tokenAt(before!.globals, place), { atol: 1e-4 });
      }
    });
    longer.dispose();
  });

  it('returns from forward what encode says of the global tokens, end to end', () => {
    for (const depth of [1, 2]) {
      const longer = new Longer({ ...SMALL, depth });
      tidy(() => {
        const inputs = inputsOf(2, 7);
        const { globals, recent } = longer.encode(inputs);
        expect(globals.shape).toEqual([2, 3, longer.tokenDim]);
        expect(recent.shape).toEqual([2, 3, longer.tokenDim]);
        expect(longer.forward(inputs)).toBeAllClose(globals.dataSync(), { atol: 1e-5 });
        expect(longer.forward(inputs).shape).toEqual([2, longer.outputDim]);
      });
      longer.dispose();
    }
  });

  it.each([1, 2, 3])('does not see padding, whatever stands there (merge %i)', (merge) => {
    const longer = new Longer({ ...SMALL, itemDim: 6 / merge, merge });
    tidy(() => {
      const inputs = inputsOf(2, 5);
      const padded: HistoryReaderInputs = {
        ...inputs,
        history: concat([inputs.history, mul(normal([2, 6, 4], 8), 50)], 1),
        mask: concat([inputs.mask, zeros([2, 6])], 1),
      };
      expect(longer.forward(padded)).toBeAllClose(longer.forward(inputs), { atol: 1e-4 });
    });
    longer.dispose();
  });

  it('reads an empty sequence as if there were none, with finite gradients', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 4);
      const empty = { ...inputs, mask: zeros([2, 4]) };
      const without = { ...inputs, history: zeros([2, 0, 4]), mask: zeros([2, 0]) };
      expect(longer.forward(empty)).toBeAllClose(longer.forward(without), { atol: 1e-5 });
      const { grads } = variableGrads(() => sum(longer.forward(empty)) as Scalar, [...longer.parameters.values()]);
      for (const gradient of Object.values(grads)) expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
    });
    longer.dispose();
  });

  it('tells orders of a sequence apart', () => {
    const longer = new Longer({ ...SMALL, merge: 1, itemDim: 8 });
    tidy(() => {
      const inputs = inputsOf(1, 2);
      const [first, second] = [0, 1].map((place) => slice(inputs.history, [0, place, 0], [1, 1, 4]));
      const swapped = { ...inputs, history: concat([second!, first!], 1) };
      expect(longer.forward(swapped)).not.toBeAllClose(longer.forward(inputs), { atol: 1e-4 });
    });
    longer.dispose();
  });

  it('has the widths and the share of asking tokens of the paper', () => {
    const longer = new Longer({ groups: { target: 8 }, dim: 8, maxLength: 40, seed: 1 });
    expect([longer.tokenDim, longer.outputDim]).toEqual([64, 128]);
    const block = (dim: number) => 12 * dim * dim + 13 * dim;
    const globals = 8 * 64 + 64 + 64; // target and CLS
    const items = 8 * 32 + 32 + 40 * 32 + 32 * 16 + 16;
    expect(countParameters(longer.parameters)).toBe(globals + items + block(16) + 2 * block(64) + 2 * 64);
    tidy(() => {
      const inputs = { features: { target: zeros([1, 8]) }, history: zeros([1, 40, 8]), mask: ones([1, 40]) };
      expect(longer.encode(inputs).recent.shape).toEqual([1, 4, 64]); // 40 % of 10
    });
    longer.dispose();
  });

  it('draws its weights from the seed and disposes them', () => {
    const before = memory().numTensors;
    const three = [1, 1, 2].map((seed) => new Longer({ ...SMALL, seed }));
    tidy(() => {
      const [first, same, other] = three.map((longer) => longer.forward(inputsOf(1, 4)));
      expect(same!).toBeAllClose(first!, { atol: 0, rtol: 0 });
      expect(other!).not.toBeAllClose(first!, { atol: 1e-2 });
    });
    for (const longer of three) {
      longer.dispose();
      longer.dispose();
    }
    expect(memory().numTensors).toBe(before);
  });

  it('names the argument that does not fit', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 4);
      const forward = (changed: Partial<HistoryReaderInputs>) => () => longer.forward({ ...inputs, ...changed });
      expect(forward({ history: zeros([2, 4, 3]) })).toThrow(ShapeError);
      expect(forward({ history: zeros([2, 4, 3]) })).toThrow('history: expected [2, L ≤ 12, 4], got [2, 4, 3]');
      expect(forward({ history: zeros([2, 13, 4]) })).toThrow('expected [2, L ≤ 12, 4], got [2, 13, 4]');
      expect(forward({ mask: ones([2, 5]) })).toThrow('mask: expected [2, 4], got [2, 5]');
      expect(forward({ features: { target: zeros([2, 3]) } })).toThrow('Longer.forward: user: expected [2, 2], got []');
    });
    longer.dispose();
    expect(() => new Longer({ ...SMALL, groups: {} })).toThrow('Longer: expected at least one group, got none');
    expect(() => new Longer({ ...SMALL, merge: 1.5 })).toThrow('expected merge to be a whole number from 1, got 1.5');
    expect(() => new Longer({ ...SMALL, heads: 3 })).toThrow(
      'Longer: expected heads to divide the width 8 of a token, got 3',
    );
  });
});
