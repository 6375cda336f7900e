import { importParameters, type SparseMatrix, seededRandom } from '@sifaka/nn';
import {
  Freedom,
  groupByUser,
  type ItemFeatures,
  itemGraph,
  LightGcn,
  propagate,
  pruneEdges,
  type RetrievalModel,
  userItemGraph,
} from '@sifaka/retrieval';
import { checkGradient, expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import { mul, type Scalar, sum, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Result {
  readonly weights: string;
  readonly gradients: string;
  readonly users: number[][];
  readonly items: number[][];
  readonly loss: number;
}

interface Golden {
  readonly numUsers: number;
  readonly numItems: number;
  readonly edges: readonly (readonly [number, number])[];
  readonly batch: readonly [number[], number[], number[]];
  readonly features: Readonly<Record<string, { readonly dim: number; readonly values: number[] }>>;
  readonly userItemGraph: number[][];
  readonly itemGraph: number[][];
  readonly options: {
    readonly dim: number;
    readonly layers: number;
    readonly neighbours: number;
    readonly regularization: number;
    readonly modalityWeight: number;
  };
  readonly lightGcn: Result;
  readonly freedom: Result;
}

const golden = readGolden<Golden>(import.meta.url, 'graphs');
const { numUsers, numItems, edges, options } = golden;
const EDGES = { users: edges.map(([user]) => user), items: edges.map(([, item]) => item) };
const features: Record<string, ItemFeatures> = Object.fromEntries(
  Object.entries(golden.features).map(([name, { dim, values }]) => [name, { dim, values: Float32Array.from(values) }]),
);
const data = { numUsers, numItems, features, train: groupByUser(numUsers, EDGES.users, EDGES.items) };
const [users, positives, negatives] = golden.batch.map((ids) => Int32Array.from(ids)) as [
  Int32Array,
  Int32Array,
  Int32Array,
];

function dense({ shape, rows, columns, values }: SparseMatrix): number[][] {
  const all = Array.from({ length: shape[0] }, () => new Array<number>(shape[1]).fill(0));
  rows.forEach((row, i) => {
    all[row]![columns[i]!]! += values[i]!;
  });
  return all;
}

function expectGolden(model: RetrievalModel, { weights, gradients, users: userRows, items: itemRows, loss }: Result) {
  importParameters(model.parameters, goldenTensors(weights));
  const vectors = model.vectors();
  expect(vectors.users).toBeAllClose(userRows);
  expect(vectors.items).toBeAllClose(itemRows);
  vectors.users.dispose();
  vectors.items.dispose();
  const run = () => model.loss({ users, positives, negatives }, 0);
  const value = run();
  expect(value).toBeAllClose([loss]);
  value.dispose();
  expectGoldenGradients(run, model.parameters, gradients);
}

describe('the graph of users and items', () => {
  it('is D^-1/2 A D^-1/2', () => {
    expect(dense(userItemGraph(numUsers, numItems, EDGES))).toBeAllClose(golden.userItemGraph);
  });

  it('keeps a degree-weighted constant: with x = √degree, every layer returns x', () => {
    const matrix = userItemGraph(numUsers, numItems, EDGES);
    const degrees = dense(matrix).map(
      (_, node) => edges.filter(([user, item]) => user === node || numUsers + item === node).length,
    );
    expect(degrees).toContain(0); // an item without users stays 0 but for its own share
    const roots = degrees.map((degree) => [Math.sqrt(degree)]);
    tidy(() => {
      expect(propagate(matrix, tensor2d(roots), 3)).toBeAllClose(roots);
    });
    matrix.dispose();
  });
});

describe('propagate', () => {
  it('of no layer returns its input, and has the gradient of finite differences', () => {
    const matrix = userItemGraph(2, 3, { users: [0, 0, 1], items: [0, 1, 1] });
    const [x, weights] = [normal([5, 2], 1), normal([5, 2], 2)];
    tidy(() => {
      expect(propagate(matrix, x, 0)).toBeAllClose(x);
    });
    checkGradient((x) => tidy(() => sum(mul(propagate(matrix, x!, 2), weights)) as Scalar), [x]);
    for (const each of [x, weights, matrix]) each.dispose();
  });

  it('refuses layers that are not a whole number', () => {
    const matrix = userItemGraph(1, 1, { users: [0], items: [0] });
    tidy(() => {
      expect(() => propagate(matrix, normal([2, 2], 1), 0.5)).toThrow('layers to be a whole number from 0, got 0.5');
    });
  });
});

describe('the graph of items', () => {
  it("equals FREEDOM's, computed with dense matrices", async () => {
    const matrix = await itemGraph(features, { neighbours: options.neighbours });
    expect(dense(matrix)).toBeAllClose(golden.itemGraph);
  });

  it('links each item with itself, and takes the lower id of equally near items', async () => {
    const text = { dim: 2, values: Float32Array.of(1, 0, 2, 0, 3, 0, 0, 1) };
    const matrix = await itemGraph({ text }, { neighbours: 2 });
    expect(dense(matrix)).toEqual([
      [0.5, 0.5, 0, 0],
      [0.5, 0.5, 0, 0],
      [0.5, 0.5, 0, 0],
      [0.5, 0, 0, 0.5],
    ]);
  });

  it('gives an item without a modality no links in its graph', async () => {
    const text = { dim: 2, values: Float32Array.of(1, 0, 0, 0, 1, 1) };
    const image = { dim: 1, values: Float32Array.of(1, 1, 1) };
    const matrix = await itemGraph({ text, image }, { neighbours: 1, weights: { text: 0.75, image: 0.25 } });
    expect(dense(matrix)).toEqual([
      [1, 0, 0],
      [0.25, 0, 0],
      [0.25, 0, 0.75],
    ]);
  });

  it('links no item to one that lacks the modality, even if all others are opposite to it', async () => {
    const text = { dim: 1, values: Float32Array.of(1, 0, -1, -2) };
    expect(dense(await itemGraph({ text }, { neighbours: 3 }))).toBeAllClose([
      [1 / 3, 0, 1 / 3, 1 / 3],
      [0, 0, 0, 0],
      [1 / 3, 0, 1 / 3, 1 / 3],
      [1 / 3, 0, 1 / 3, 1 / 3],
    ]);
  });

  it('refuses shares that do not fit', async () => {
    const make = (change: object) => itemGraph(features, { neighbours: 2, ...change });
    await expect(make({ neighbours: 10 })).rejects.toThrow('expected at most 9 neighbours, one per item, got 10');
    await expect(make({ weights: { image: 1 } })).rejects.toThrow('expected weights of image, text, got image');
    await expect(make({ weights: { image: 0.5, text: 0.6 } })).rejects.toThrow('add up to 1, got 1.1');
    await expect(make({ weights: { image: -1, text: 2 } })).rejects.toThrow('image');
    await expect(itemGraph({})).rejects.toThrow('expected features of at least one modality, got none');
  });
});

describe('models on graphs equal dense computations', () => {
  it('LightGCN: vectors, loss and gradients', () => {
    const { dim, layers, regularization } = options;
    const model = new LightGcn({ data, dim, layers, regularization, seed: 1 });
    expectGolden(model, golden.lightGcn);
    model.dispose();
  });

  it('FREEDOM: vectors, loss and gradients', async () => {
    const { dim, layers, neighbours, modalityWeight } = options;
    const graph = await itemGraph(features, { neighbours });
    const model = new Freedom({ data, itemGraph: graph, dim, layers, modalityWeight, edgeDropout: 0, seed: 1 });
    expectGolden(model, golden.freedom);
    model.dispose();
    graph.dispose();
  });
});

describe('pruneEdges', () => {
  const random = seededRandom(3);
  const all = {
    users: Int32Array.from({ length: 400 }, (_, e) => e % 20),
    items: Int32Array.from({ length: 400 }, () => Math.floor(random() ** 3 * 60)),
  };
  const prune = (rate: number, seed: number) => pruneEdges(all, { numUsers: 20, numItems: 60, rate, seed });

  it('keeps the share, in order, and the same edges for the same seed', () => {
    const kept = prune(0.8, 1);
    expect(kept.users.length).toBe(80);
    expect(prune(0.8, 1)).toEqual(kept);
    expect(prune(0.8, 2)).not.toEqual(kept);
    expect(prune(0, 1)).toEqual(all);
    expect(prune(0.999, 1).users.length).toBe(1);
    expect(() => prune(1, 1)).toThrow('pruneEdges: expected rate to be a number from 0 and below 1, got 1');
  });

  it('draws the first edge with a probability in proportion to 1 / √(d_u d_i)', () => {
    // Item 0 has 9 users, item 1 has 1; all users have one edge. Weights: 9 × 1/3 against 1.
    const few = {
      users: Int32Array.from({ length: 10 }, (_, e) => e),
      items: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    };
    let rare = 0;
    const draws = 20_000;
    for (let seed = 0; seed < draws; seed++) {
      const { items } = pruneEdges(few, { numUsers: 10, numItems: 2, rate: 0.9, seed });
      if (items[0] === 1) rare++;
    }
    expect(Math.abs(rare / draws - 1 / 4)).toBeLessThan(0.012); // four standard deviations
  });
});
