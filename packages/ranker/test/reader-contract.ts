import { ShapeError } from '@sifaka/nn';
import type { HistoryReader, HistoryReaderInputs, HistoryReaderOptions } from '@sifaka/ranker';
import { checkGradient, expectSeededModule, normal } from '@sifaka/test-kit';
import {
  add,
  concat,
  gather,
  memory,
  mul,
  ones,
  reshape,
  type Scalar,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { expectDistinctWeights } from './distinct-weights.js';
import { expectFiniteGradients, expectGradientForEveryParameter } from './parameter-gradients.js';

const GROUPS = { user: 3, item: 2 };
const DIM = 4;
/** The longest history that the suite reads. */
export const CONTRACT_LENGTH = 9;

/** Three rows: one full, one with a gap and padding, one empty. */
const MASK = [
  [1, 1, 1, 1, 1],
  [1, 0, 1, 0, 0],
  [0, 0, 0, 0, 0],
];

/** `rows` rows of `length` items, none of them padding. */
function inputsOf(rows: number, length: number): HistoryReaderInputs {
  const features = { user: normal([rows, GROUPS.user], 1), item: normal([rows, GROUPS.item], 2) };
  const target = normal([rows, DIM], 4);
  return { features, target, history: normal([rows, length, DIM], 3), mask: ones([rows, length]) };
}

function paddedInputs(): HistoryReaderInputs {
  return { ...inputsOf(3, 5), mask: tensor2d(MASK) };
}

/**
 * Tests that every {@link HistoryReader} must pass.
 *
 * @param name class name, as in error messages, then anything that tells variants apart: `'Longer, merge 2'`.
 * @param make makes a reader that takes histories of up to {@link CONTRACT_LENGTH} items.
 */
export function readerContract(name: string, make: (options: HistoryReaderOptions) => HistoryReader): void {
  describe(`${name} as a HistoryReader`, () => {
    const readers: HistoryReader[] = [];
    const reader = (options: Partial<HistoryReaderOptions> = {}): HistoryReader => {
      const made = make({ groups: GROUPS, dim: DIM, seed: 1, ...options });
      readers.push(made);
      return made;
    };
    afterEach(() => {
      for (const made of readers.splice(0)) made.dispose();
    });

    it.each([
      [1, 1],
      [4, 5],
      [2, CONTRACT_LENGTH],
      [2, 0],
    ])('returns [B, outputDim] for %i rows of %i items', (rows, length) => {
      const made = reader();
      tidy(() => {
        const vectors = made.forward(inputsOf(rows, length));
        expect(vectors.shape).toEqual([rows, made.outputDim]);
        expect([...vectors.dataSync()].every(Number.isFinite)).toBe(true);
      });
    });

    it('borrows its inputs, and the caller owns its output', () => {
      const made = reader();
      tidy(() => {
        const inputs = paddedInputs();
        const tensors = [...Object.values(inputs.features), inputs.history, inputs.mask];
        const before = tensors.map((tensor) => [...tensor.dataSync()]);
        const count = memory().numTensors;
        const vectors = made.forward(inputs);
        expect(memory().numTensors).toBe(count + 1);
        vectors.dispose();
        expect(tensors.map((tensor) => [...tensor.dataSync()])).toEqual(before);
      });
    });

    it('ignores values under the mask', () => {
      const made = reader();
      tidy(() => {
        const inputs = paddedInputs();
        const noise = mul(normal([3, 5, DIM], 4), mul(reshape(sub(1, inputs.mask), [3, 5, 1]), 50));
        const noisy = made.forward({ ...inputs, history: add(inputs.history, noise) });
        expect(noisy).toBeAllClose(made.forward(inputs), { atol: 1e-5 });
      });
    });

    it('ignores padding behind a history', () => {
      const made = reader();
      tidy(() => {
        const inputs = paddedInputs();
        const history = concat([inputs.history, mul(normal([3, 4, DIM], 4), 50)], 1);
        const mask = concat([inputs.mask, zeros([3, 4])], 1);
        const padded = made.forward({ ...inputs, history, mask });
        expect(padded).toBeAllClose(made.forward(inputs), { atol: 1e-5 });
      });
    });

    it('reads an empty history, with finite gradients', () => {
      const made = reader();
      tidy(() => {
        const inputs = { ...inputsOf(2, 5), mask: zeros([2, 5]) };
        const without = { ...inputs, history: zeros([2, 0, DIM]), mask: zeros([2, 0]) };
        expect(made.forward(inputs)).toBeAllClose(made.forward(without), { atol: 1e-5 });
        expectFiniteGradients(made.parameters, () => sum(made.forward(inputs)) as Scalar);
      });
    });

    it('reads each row by itself', () => {
      const made = reader();
      tidy(() => {
        const { features, target, history, mask } = paddedInputs();
        const order = tensor1d([2, 0, 1], 'int32');
        const reordered = made.forward({
          features: { user: gather(features['user']!, order), item: gather(features['item']!, order) },
          target: gather(target, order),
          history: gather(history, order),
          mask: gather(mask, order),
        });
        const inOrder = made.forward({ features, target, history, mask });
        expect(reordered).toBeAllClose(gather(inOrder, order), { atol: 1e-5 });
      });
    });

    it('finds its groups by name and ignores others', () => {
      const made = reader();
      tidy(() => {
        const inputs = paddedInputs();
        const { user, item } = inputs.features;
        const features = { other: normal([3, 7], 5), item: item!, user: user! };
        expect(made.forward({ ...inputs, features })).toBeAllClose(made.forward(inputs), { atol: 0, rtol: 0 });
      });
    });

    it('passes a gradient to every parameter', () => {
      const made = reader();
      tidy(() => {
        const inputs = paddedInputs();
        const upstream = normal([3, made.outputDim], 6);
        expectGradientForEveryParameter(made.parameters, () => sum(mul(made.forward(inputs), upstream)) as Scalar);
      });
    });

    it('has the gradient of finite differences for features, target and history', () => {
      const made = reader();
      tidy(() => {
        const inputs = inputsOf(1, 3);
        const upstream = mul(normal([1, made.outputDim], 6), 0.5);
        const mask = tensor2d([[1, 1, 0]]);
        const loss = (...[user, item, target, history]: readonly Tensor[]): Scalar => {
          const features = { user: user!, item: item! };
          const read = made.forward({ features, target: target!, history: history!, mask });
          // Not every reader reads the target, and TensorFlow.js has no gradient for what a loss does not read.
          return add(sum(mul(read, upstream)), mul(sum(target!), 0));
        };
        const { features, target, history } = inputs;
        checkGradient(loss, [features['user']!, features['item']!, target, history], { atol: 2e-2 });
      });
    });

    it('draws other weights for each of its layers', () => {
      expectDistinctWeights(reader().parameters);
    });

    it('draws its weights from the seed, and disposes them', () => {
      expectSeededModule(
        (seed) => reader({ seed }),
        (made) => made.forward(paddedInputs()),
      );
    });

    it('names the group or argument that does not fit', () => {
      const made = reader();
      const where = `${name.split(',')[0]}.forward`;
      tidy(() => {
        const inputs = inputsOf(2, 5);
        const user = inputs.features['user']!;
        const forward = (changed: Partial<HistoryReaderInputs>) => () => made.forward({ ...inputs, ...changed });
        expect(forward({ features: { user } })).toThrow(ShapeError);
        expect(forward({ features: { user } })).toThrow(`${where}: item: expected [2, 2], got []`);
        expect(forward({ features: { user, item: zeros([2, 3]) } })).toThrow(
          `${where}: item: expected [2, 2], got [2, 3]`,
        );
        expect(forward({ features: { user, item: zeros([3, 2]) } })).toThrow('item: expected [2, 2], got [3, 2]');
        for (const shape of [
          [2, 5, 3],
          [3, 5, 4],
          [2, 4],
        ]) {
          const [expected, got] = [/: history: expected \[2, L.*, 4\], got /, `got [${shape.join(', ')}]`];
          expect(forward({ history: zeros(shape) })).toThrow(ShapeError);
          expect(forward({ history: zeros(shape) })).toThrow(expected);
          expect(forward({ history: zeros(shape) })).toThrow(got);
        }
        expect(forward({ mask: zeros([2, 4]) })).toThrow(`${where}: mask: expected [2, 5], got [2, 4]`);
      });
    });

    it('refuses no groups, and one without a width', () => {
      expect(() => reader({ groups: {} })).toThrow('expected at least one group, got none');
      expect(() => reader({ groups: { user: 3, item: 0 } })).toThrow(
        'expected group item to have a positive width, got 0',
      );
    });
  });
}
