import { collectParameters, seededRandom } from '@sifaka/nn';
import {
  Dien,
  Din,
  type Features,
  type HistoryReader,
  type HistoryReaderInputs,
  MeanPooling,
  MlpHead,
  Sim,
} from '@sifaka/ranker';
import { tensor2d, tensor3d } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { type DrawRows, type LearnTaskOptions, learnTask, type TaskModel } from './synthetic-task.js';

// Each takes seconds on a free core, also on the reference engine, but much longer on a busy one.
vi.setConfig({ testTimeout: 600_000 });

type ReaderTask = DrawRows<HistoryReaderInputs>;

/** A reader, and an MLP over what it read beside the target. */
function withHead(reader: HistoryReader, dim: number): TaskModel<HistoryReaderInputs> & { dispose(): void } {
  const head = new MlpHead({ groups: { target: dim, history: reader.outputDim }, hiddenDims: [32], seed: 9 });
  const groups = ({ target }: HistoryReaderInputs, history: Features[string]): Features => ({ target, history });
  return {
    parameters: collectParameters({ reader, head }),
    forward: (inputs) => head.forward(groups(inputs, reader.forward(inputs))),
    forwardTraining: (inputs) => {
      const { vectors, ...auxiliary } = reader.forwardTraining?.(inputs) ?? { vectors: reader.forward(inputs) };
      return { logits: head.forward(groups(inputs, vectors)), ...auxiliary };
    },
    dispose: () => {
      reader.dispose();
      head.dispose();
    },
  };
}

/** How far the AUC of a reader stays below the best after training. */
function shortfall(task: ReaderTask, reader: HistoryReader, dim: number, options: LearnTaskOptions): number {
  const model = withHead(reader, dim);
  const { auc, bestAuc } = learnTask(task, model, options);
  model.dispose();
  return bestAuc - auc;
}

/** `count` random directions in `dim` dimensions. */
function directions(count: number, dim: number, seed: number): Float32Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: dim }, () => random() + random() + random() - 1.5);
    const norm = Math.hypot(...vector);
    return vector.map((x) => x / norm);
  });
}

/** A whole number from 0, below `count`. */
const drawIndex = (random: () => number, count: number): number => Math.floor(random() * count);

/** A whole number from 0, below `count`, other than `excluded`. */
function drawOther(random: () => number, count: number, excluded: number): number {
  const drawn = drawIndex(random, count - 1);
  return drawn < excluded ? drawn : drawn + 1;
}

/** Rows of vectors of equal length, with full histories. */
class Rows {
  readonly target: Float32Array;
  readonly history: Float32Array;
  readonly sameCategory: Float32Array;
  readonly logOdds: number[] = [];
  readonly #shape: readonly [number, number, number];

  constructor(rows: number, length: number, dim: number) {
    this.#shape = [rows, length, dim];
    this.target = new Float32Array(rows * dim);
    this.history = new Float32Array(rows * length * dim);
    this.sameCategory = new Float32Array(rows * length);
  }

  toTask(): ReturnType<ReaderTask> {
    const [rows, length, dim] = this.#shape;
    const inputs = {
      features: {},
      target: tensor2d(this.target, [rows, dim]),
      history: tensor3d(this.history, [rows, length, dim]),
      mask: tensor2d(new Float32Array(rows * length).fill(1), [rows, length]),
      sameCategory: tensor2d(this.sameCategory, [rows, length]),
    };
    return { inputs, logOdds: this.logOdds };
  }
}

describe("one item of the target's class among many of other classes", () => {
  const [dim, length] = [17, 10];
  // The last number of every vector is 1. So the last number of a sum tells how much was added.
  const classes = directions(16, dim - 1, 1).map((direction) => Float32Array.of(...direction, 1));
  const task: ReaderTask = (random, rows) => {
    const drawn = new Rows(rows, length, dim);
    for (let row = 0; row < rows; row++) {
      const wanted = drawIndex(random, classes.length);
      const present = random() < 0.5;
      const position = present ? drawIndex(random, length) : -1;
      drawn.target.set(classes[wanted]!, row * dim);
      for (let j = 0; j < length; j++) {
        const item = j === position ? wanted : drawOther(random, classes.length, wanted);
        drawn.history.set(classes[item]!, (row * length + j) * dim);
      }
      drawn.logOdds.push(present ? 4 : -4);
    }
    return drawn.toTask();
  };
  const options = { seed: 1, steps: 400, rows: 64, learningRate: 0.02, testRows: 1000 };

  it.each([{ kind: 'prelu' }, { kind: 'dice' }] as const)('is found by Din with $kind', (activation) => {
    const reader = new Din({ dim, activation, seed: 1 });
    expect(shortfall(task, reader, dim, options)).toBeLessThan(0.005);
  });

  it('is not found by an MLP over the mean', () => {
    expect(shortfall(task, new MeanPooling({ dim }), dim, options)).toBeGreaterThan(0.05);
  });
});

describe('which of two items came last, and which of them the target follows', () => {
  const [dim, length] = [6, 6];
  const classes = directions(8, dim, 2);
  const task: ReaderTask = (random, rows) => {
    const drawn = new Rows(rows, length, dim);
    for (let row = 0; row < rows; row++) {
      const asked = drawIndex(random, 2);
      const later = drawIndex(random, length - 1);
      const earlier = later + 1 + drawIndex(random, length - 1 - later);
      const last = drawIndex(random, 2);
      drawn.target.set(classes[asked]!, row * dim);
      for (let j = 0; j < length; j++) {
        const item = j === later ? last : j === earlier ? 1 - last : 2 + drawIndex(random, classes.length - 2);
        drawn.history.set(classes[item]!, (row * length + j) * dim);
      }
      drawn.logOdds.push(asked === last ? 4 : -4);
    }
    return drawn.toTask();
  };
  const options = { seed: 1, steps: 80, rows: 64, learningRate: 0.03, testRows: 1000 };

  it('is learned by Dien', () => {
    expect(shortfall(task, new Dien({ dim, seed: 1 }), dim, options)).toBeLessThan(0.005);
  });

  it('is not learned by an MLP over the mean, nor by Din, which do not see the order', () => {
    for (const reader of [new MeanPooling({ dim }), new Din({ dim, seed: 1 })]) {
      expect(shortfall(task, reader, dim, options)).toBeGreaterThan(0.2);
    }
  });
});

describe('one item out of 1,000', () => {
  const [dim, length] = [16, 1000];
  const keys = directions(64, dim - 1, 3);
  const random = seededRandom(4);
  /** For each key: 1,000 items with other keys. The last number of each is 1 or −1. */
  const others = keys.map((_, wanted) => {
    const drawn = Array.from({ length }, () => drawOther(random, keys.length, wanted));
    const vectors = Float32Array.from(drawn.flatMap((key) => [...keys[key]!, random() < 0.5 ? 1 : -1]));
    // Two keys per category.
    return { vectors, sameCategory: Float32Array.from(drawn, (key) => (key >> 1 === wanted >> 1 ? 1 : 0)) };
  });
  /** The last number of the one item with the target's key decides. */
  const task: ReaderTask = (random, rows) => {
    const drawn = new Rows(rows, length, dim);
    for (let row = 0; row < rows; row++) {
      const wanted = drawIndex(random, keys.length);
      const { vectors, sameCategory } = others[wanted]!;
      const sign = random() < 0.5 ? 1 : -1;
      const at = row * length + drawIndex(random, length);
      drawn.target.set(keys[wanted]!, row * dim);
      drawn.history.set(vectors, row * length * dim);
      drawn.history.set([...keys[wanted]!, sign], at * dim);
      drawn.sameCategory.set(sameCategory, row * length);
      drawn.sameCategory[at] = 1;
      drawn.logOdds.push(4 * sign);
    }
    return drawn.toTask();
  };
  const options = { seed: 1, steps: 100, rows: 32, learningRate: 0.04, testRows: 1000 };

  it.each([
    { search: { kind: 'hard' }, top: 50 },
    { search: { kind: 'soft' }, top: 8 },
  ] as const)('is found by Sim with $search.kind search', (searched) => {
    expect(shortfall(task, new Sim({ dim, ...searched, heads: 1, seed: 1 }), dim, options)).toBeLessThan(0.005);
  });

  it('is not found by an MLP over the mean', () => {
    expect(shortfall(task, new MeanPooling({ dim }), dim, options)).toBeGreaterThan(0.2);
  });
});
