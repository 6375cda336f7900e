import { countParameters, importParameters, ShapeError } from '@sifaka/nn';
import { Longer, type LongerOptions, type UntargetedInputs } from '@sifaka/ranker';
import { expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  concat,
  mul,
  ones,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
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

function inputsOf(batch: number, length: number, seed = 1): UntargetedInputs {
  const features = { target: normal([batch, 3], seed), user: normal([batch, 2], seed + 1) };
  return { features, history: normal([batch, length, 4], seed + 2), mask: ones([batch, length]) };
}

/** The same inputs, except for the item at one position. */
function withItemMoved(inputs: UntargetedInputs, position: number): UntargetedInputs {
  const [batch, length, dim] = inputs.history.shape as [number, number, number];
  const moves = [
    zeros([batch, position, dim]),
    mul(ones([batch, 1, dim]), 3),
    zeros([batch, length - position - 1, dim]),
  ];
  return { ...inputs, history: add(inputs.history, concat(moves, 1)) };
}

const tokenAt = (tokens: Tensor, position: number): Tensor =>
  slice(tokens, [0, position, 0], [tokens.shape[0]!, 1, tokens.shape[2]!]);

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
  it('has the output and gradients of a PyTorch module that computes row by row and never sees padding', () => {
    const golden = readGolden<LongerGolden>(import.meta.url, 'longer');
    const longer = new Longer({ ...golden.options, seed: 1 });
    importParameters(longer.parameters, goldenTensors(golden.weights));
    tidy(() => {
      const inputs: UntargetedInputs = {
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

  it('hides newer items and the candidate from the tokens of the history', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 8); // Tokens: items {0, 1}, {2, 3}, {4, 5}, which are queries, and {6, 7}.
      const before = longer.encode(inputs);
      const other = { ...inputs, features: { target: normal([2, 3], 50), user: normal([2, 2], 51) } };
      expect(longer.encode(other).recent).toBeAllClose(before.recent);
      expect(longer.encode(other).globals).not.toBeAllClose(before.globals, { atol: 1e-2 });
      const after = longer.encode(withItemMoved(inputs, 2));
      expect(tokenAt(after.recent, 2)).toBeAllClose(tokenAt(before.recent, 2));
      for (const position of [0, 1]) {
        expect(tokenAt(after.recent, position)).not.toBeAllClose(tokenAt(before.recent, position), { atol: 1e-3 });
      }
    });
    longer.dispose();
  });

  it('reads the whole history in its first layer, including tokens that are not queries', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 10);
      const [before, after] = [inputs, withItemMoved(inputs, 9)].map((some) => longer.encode(some));
      for (const position of [0, 1, 2]) {
        expect(tokenAt(after!.recent, position)).not.toBeAllClose(tokenAt(before!.recent, position), { atol: 1e-4 });
      }
      for (const position of [0, 1, 2]) {
        expect(tokenAt(after!.globals, position)).not.toBeAllClose(tokenAt(before!.globals, position), { atol: 1e-4 });
      }
    });
    longer.dispose();
  });

  it('returns the global tokens of encode from forward, concatenated', () => {
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

  it('depends on the order of the history', () => {
    const longer = new Longer({ ...SMALL, merge: 1, itemDim: 8 });
    tidy(() => {
      const inputs = inputsOf(1, 2);
      const [first, second] = [0, 1].map((position) => slice(inputs.history, [0, position, 0], [1, 1, 4]));
      const swapped = { ...inputs, history: concat([second!, first!], 1) };
      expect(longer.forward(swapped)).not.toBeAllClose(longer.forward(inputs), { atol: 1e-4 });
    });
    longer.dispose();
  });

  it('has the widths and the share of recent tokens of the paper', () => {
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

  it('refuses a history that is too long, and widths that do not fit', () => {
    const longer = new Longer(SMALL);
    tidy(() => {
      const inputs = inputsOf(2, 4);
      const forward = (changed: Partial<UntargetedInputs>) => () => longer.forward({ ...inputs, ...changed });
      expect(forward({ history: zeros([2, 13, 4]) })).toThrow(ShapeError);
      expect(forward({ history: zeros([2, 13, 4]) })).toThrow('expected [2, L ≤ 12, 4], got [2, 13, 4]');
    });
    longer.dispose();
    expect(() => new Longer({ ...SMALL, merge: 1.5 })).toThrow('expected merge to be a whole number from 1, got 1.5');
    expect(() => new Longer({ ...SMALL, heads: 3 })).toThrow(
      'Longer: expected heads to divide the token width 8, got 3',
    );
  });
});
