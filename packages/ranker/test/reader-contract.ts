import { ShapeError } from '@sifaka/nn';
import type { HistoryReader, HistoryReaderInputs, HistoryReaderOptions } from '@sifaka/ranker';
import { checkGradient, expectSeededModule, normal } from '@sifaka/test-kit';
import {
  add,
  addN,
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

/** What a reader reads, and whether it has weights. */
export interface ReaderTraits {
  /** Reads the features. Default true. */
  readonly features?: boolean;
  /** Reads the target. Default false. */
  readonly target?: boolean;
  /** Has weights. Default true. */
  readonly weights?: boolean;
  /** Trains in a way of its own. Default false. */
  readonly training?: boolean;
}

/** `rows` rows of `length` items, none of them padding. Two of three items share a category with the target. */
function inputsOf(rows: number, length: number): HistoryReaderInputs & { readonly sameCategory: Tensor } {
  const features = { user: normal([rows, GROUPS.user], 1), item: normal([rows, GROUPS.item], 2) };
  const target = normal([rows, DIM], 4);
  const pattern = Array.from({ length: rows * length }, (_, i) => (i % 3 === 1 ? 0 : 1));
  const sameCategory = tensor2d(pattern, [rows, length]);
  return { features, target, history: normal([rows, length, DIM], 3), mask: ones([rows, length]), sameCategory };
}

function paddedInputs(): ReturnType<typeof inputsOf> {
  return { ...inputsOf(3, 5), mask: tensor2d(MASK) };
}

/**
 * Tests that every {@link HistoryReader} must pass.
 *
 * @param name class name, as in error messages, then anything that tells variants apart: `'Longer, merge 2'`.
 * @param make makes a reader that takes histories of up to {@link CONTRACT_LENGTH} items.
 */
export function readerContract(
  name: string,
  make: (options: HistoryReaderOptions) => HistoryReader,
  traits: ReaderTraits = {},
): void {
  const { features: readsFeatures = true, target: readsTarget = false } = traits;
  const { weights: hasWeights = true, training: hasTraining = false } = traits;
  const className = name.split(',')[0]!;
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
        const { features, target, history, mask } = inputs;
        const tensors = [...Object.values(features), target, history, mask, inputs.sameCategory];
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
        const sameCategory = concat([inputs.sameCategory, ones([3, 4])], 1);
        const padded = made.forward({ ...inputs, history, mask, sameCategory });
        expect(padded).toBeAllClose(made.forward(inputs), { atol: 1e-5 });
      });
    });

    it('reads an empty history, with finite gradients', () => {
      const made = reader();
      tidy(() => {
        const inputs = { ...inputsOf(2, 5), mask: zeros([2, 5]) };
        const without = { ...inputs, history: zeros([2, 0, DIM]), mask: zeros([2, 0]), sameCategory: zeros([2, 0]) };
        expect(made.forward(inputs)).toBeAllClose(made.forward(without), { atol: 1e-5 });
        expectFiniteGradients(made.parameters, () => sum(made.forward(inputs)) as Scalar);
      });
    });

    it('reads each row by itself', () => {
      const made = reader();
      tidy(() => {
        const { features, target, history, mask, sameCategory } = paddedInputs();
        const read = (rows: number[]) => {
          const order = tensor1d(rows, 'int32');
          return made.forward({
            features: { user: gather(features['user']!, order), item: gather(features['item']!, order) },
            target: gather(target, order),
            history: gather(history, order),
            mask: gather(mask, order),
            sameCategory: gather(sameCategory, order),
          });
        };
        const together = read([0, 1, 2]);
        for (const rows of [[2, 0, 1], [0], [1], [2]]) {
          expect(read(rows)).toBeAllClose(gather(together, tensor1d(rows, 'int32')), { atol: 1e-5 });
        }
      });
    });

    it(`${readsTarget ? 'reads' : 'ignores'} the target`, () => {
      const made = reader();
      tidy(() => {
        const inputs = paddedInputs();
        const [before, after] = [inputs.target, normal([3, DIM], 40)].map((target) =>
          made.forward({ ...inputs, target }),
        );
        if (readsTarget) expect(after!).not.toBeAllClose(before!, { atol: 1e-4 });
        else expect(after!).toBeAllClose(before!, { atol: 0, rtol: 0 });
      });
    });

    it(`trains by ${hasTraining ? 'vectors and a loss that are finite, and that the caller owns' : 'forward'}`, () => {
      const made = reader();
      expect(made.forwardTraining === undefined).toBe(!hasTraining);
      if (!hasTraining) return;
      tidy(() => {
        for (const inputs of [
          paddedInputs(),
          inputsOf(1, 4),
          inputsOf(2, 0),
          { ...inputsOf(2, 3), mask: zeros([2, 3]) },
        ]) {
          const count = memory().numTensors;
          const trained = made.forwardTraining!(inputs);
          const owned = Object.values(trained) as Tensor[];
          expect(memory().numTensors).toBe(count + owned.length);
          expect(trained.vectors.shape).toEqual([inputs.mask.shape[0], made.outputDim]);
          expect(owned.every((tensor) => tensor.dataSync().every(Number.isFinite))).toBe(true);
        }
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

    it.each([[[1, 1, 0]], [[1]]])(
      'has the gradient of finite differences for features, target and history, mask %j',
      (row) => {
        const made = reader();
        tidy(() => {
          const inputs = inputsOf(1, row.length);
          const upstream = mul(normal([1, made.outputDim], 6), 0.5);
          const mask = tensor2d([row]);
          const loss = (...[user, item, target, history]: readonly Tensor[]): Scalar => {
            const features = { user: user!, item: item! };
            const read = made.forward({ ...inputs, features, target: target!, history: history!, mask });
            // Not every reader reads all of them, and TensorFlow.js has no gradient for what a loss does not read.
            const unread = [user!, item!, target!].map((x) => mul(sum(x), 0));
            return addN([sum(mul(read, upstream)), ...unread]) as Scalar;
          };
          const { features, target, history } = inputs;
          checkGradient(loss, [features['user']!, features['item']!, target, history], { atol: 2e-2 });
        });
      },
    );

    it('draws other weights for each of its layers', () => {
      expectDistinctWeights(reader().parameters);
    });

    if (hasWeights) {
      it('draws its weights from the seed, and disposes them', () => {
        expectSeededModule(
          (seed) => reader({ seed }),
          (made) => made.forward(paddedInputs()),
        );
      });
    }

    if (readsFeatures) {
      it('names the group that does not fit', () => {
        const made = reader();
        const where = `${className}.forward`;
        tidy(() => {
          const inputs = inputsOf(2, 5);
          const user = inputs.features['user']!;
          const forward = (item?: Tensor) => () =>
            made.forward({ ...inputs, features: { user, ...(item && { item }) } });
          expect(forward()).toThrow(ShapeError);
          expect(forward()).toThrow(`${where}: item: expected [2, 2], got []`);
          expect(forward(zeros([2, 3]))).toThrow(`${where}: item: expected [2, 2], got [2, 3]`);
          expect(forward(zeros([3, 2]))).toThrow('item: expected [2, 2], got [3, 2]');
        });
      });

      it('refuses no groups, and one without a width', () => {
        expect(() => reader({ groups: {} })).toThrow('expected at least one group, got none');
        expect(() => reader({ groups: { user: 3, item: 0 } })).toThrow(
          'expected group item to have a positive width, got 0',
        );
      });
    }

    it('names the argument that does not fit', () => {
      const made = reader();
      const where = `${className}.forward`;
      tidy(() => {
        const inputs = inputsOf(2, 5);
        const forward = (changed: Partial<HistoryReaderInputs>) => () => made.forward({ ...inputs, ...changed });
        if (readsTarget) {
          expect(forward({ target: zeros([2, 3]) })).toThrow(ShapeError);
          expect(forward({ target: zeros([2, 3]) })).toThrow(`${where}: target: expected [B, 4], got [2, 3]`);
        }
        for (const shape of [
          [2, 5, 3],
          [2, 4],
          ...(readsFeatures || readsTarget ? [[3, 5, 4]] : []), // Nothing else tells the number of rows.
        ]) {
          const rows = readsFeatures || readsTarget ? 2 : 'B';
          const [expected, got] = [`${where}: history: expected [${rows}, L`, `, 4], got [${shape.join(', ')}]`];
          expect(forward({ history: zeros(shape) })).toThrow(ShapeError);
          expect(forward({ history: zeros(shape) })).toThrow(expected);
          expect(forward({ history: zeros(shape) })).toThrow(got);
        }
        expect(forward({ mask: zeros([2, 4]) })).toThrow(`${where}: mask: expected [2, 5], got [2, 4]`);
      });
    });
  });
}
