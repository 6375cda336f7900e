import { exportParameters, importParameters, type SparseMatrix, sparseMatMul } from '@sifaka/nn';
import {
  buildRetrievalData,
  buildRetrievalModel,
  compareRetrieval,
  Em3,
  evaluateRetrieval,
  Freedom,
  formatComparison,
  itemGraph,
  popularityVectors,
  type RetrievalData,
  type RetrievalMetrics,
  type RetrievalModelOptions,
  type RetrievalRun,
  trainRetrieval,
} from '@sifaka/retrieval';
import { expectSeededModule } from '@sifaka/test-kit';
import { matMul, mul, ones, slice, tidy, zeros } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantedData } from './planted-data.js';

// Small, because the reference engine sums the segments of a gather's gradient one by one.
const SIZES = { users: 80, items: 60, kinds: 5, perUser: 8 };
const data = plantedData(SIZES);
const TRAINING = { learningRate: 0.08, batchSize: 128, maxEpochs: 12, patience: 5, seed: 1 };
const dim = 8;
const MODELS: readonly RetrievalModelOptions[] = [
  { kind: 'bprMf', dim, regularization: 0.01 },
  { kind: 'vbpr', dim },
  { kind: 'lightGcn', dim },
  { kind: 'freedom', dim, edgeDropout: 0.3 },
  { kind: 'em3', dim, edgeDropout: 0.3, heads: 2 },
];

let graph: SparseMatrix;
beforeAll(async () => {
  graph = await itemGraph(data.features, { neighbours: 6 });
  // Its tensors are created here, and not by the test that uses it first.
  tidy(() => {
    sparseMatMul(graph, zeros([data.numItems, 1]));
    sparseMatMul(graph.transposed, zeros([data.numItems, 1]));
  });
});
afterAll(() => graph.dispose());

async function trained(options: RetrievalModelOptions, on: RetrievalData): Promise<RetrievalMetrics> {
  const similar = await itemGraph(on.features, { neighbours: 6 });
  const model = buildRetrievalModel(options, { data: on, itemGraph: similar, seed: 3 });
  const { test } = await trainRetrieval(model, on, TRAINING);
  model.dispose();
  similar.dispose();
  return test;
}

describe('a planted signal', () => {
  it.each(MODELS)('is learned by $kind, far above popularity', async (options) => {
    const vectors = popularityVectors(data);
    const popularity = await evaluateRetrieval(vectors, data, 'test');
    vectors.users.dispose();
    vectors.items.dispose();
    const { recall10 } = await trained(options, data);
    expect(recall10).toBeGreaterThan(2 * popularity.recall10);
  });

  it.each(MODELS.filter(({ kind }) => kind !== 'bprMf' && kind !== 'lightGcn'))(
    'in features helps $kind, and features of other items do not',
    async (options) => {
      // Few interactions, so that ids alone say little.
      const sizes = { ...SIZES, items: 120, perUser: 5 };
      const [own, others] = [plantedData(sizes), plantedData({ ...sizes, permuted: true })];
      expect(others.train).toEqual(own.train);
      const [right, wrong] = [await trained(options, own), await trained(options, others)];
      expect(right.recall20).toBeGreaterThan(1.3 * wrong.recall20);
    },
  );
});

describe('FREEDOM and EM3', () => {
  const batch = { users: Int32Array.of(0, 3), positives: Int32Array.of(1, 1), negatives: Int32Array.of(8, 2) };

  it('draw the same graph for the same epoch, and rank by all interactions', () => {
    const model = new Freedom({ data, itemGraph: graph, dim, modalityWeight: 0, seed: 1 });
    const lossOf = (epoch: number) => {
      model.startEpoch(epoch);
      return tidy(() => model.loss(batch).dataSync()[0]);
    };
    const users = () =>
      tidy(() => {
        const vectors = model.vectors();
        return Array.from(vectors.users.dataSync());
      });
    const [first, second, before] = [lossOf(1), lossOf(2), users()];
    expect(second).not.toBe(first);
    expect(lossOf(1)).toBe(first);
    expect(users()).toEqual(before);
    model.dispose();
  });

  it('share the id half: EM3 without content ranks like FREEDOM', () => {
    const freedom = new Freedom({ data, itemGraph: graph, dim, modalityWeight: 0, seed: 1 });
    const em3 = new Em3({ data, itemGraph: graph, dim, heads: 2, seed: 2 });
    const weights = new Map([...exportParameters(em3.parameters), ...exportParameters(freedom.parameters)]);
    importParameters(em3.parameters, weights);
    tidy(() => {
      const [ids, both] = [freedom.vectors(), em3.vectors()];
      expect(slice(both.users, [0, 0], [data.numUsers, dim])).toBeAllClose(ids.users);
      expect(slice(both.items, [0, 0], [data.numItems, dim])).toBeAllClose(ids.items);
    });
    freedom.dispose();
    em3.dispose();
  });

  it('EM3 leaves out the token of a modality that an item lacks', () => {
    const { dim: width, values } = data.features['text']!;
    const lacking = values.slice().fill(0, 0, width); // Item 0 has no text.
    const some = { ...data, features: { ...data.features, text: { dim: width, values: lacking } } };
    const model = new Em3({ data: some, itemGraph: graph, dim, heads: 2, layers: 0, itemLayers: 0, seed: 2 });
    tidy(() => {
      const contents = (item: number) => [...slice(model.vectors().items, [item, dim], [1, dim]).dataSync()];
      const before = [contents(0), contents(1)];
      const bias = model.parameters.get('content.projections.text.bias')!;
      bias.assign(ones(bias.shape));
      expect(contents(0)).toEqual(before[0]);
      expect(contents(1)).not.toEqual(before[1]);
    });
    model.dispose();
  });

  it('EM3 adds CIC by its weight, and draws other negatives in another step', () => {
    const lossWith = (weight: number, step: number) => {
      const model = new Em3({ data, itemGraph: graph, dim, heads: 2, dropout: 0, cic: { weight }, seed: 1 });
      const [loss] = tidy(() => model.loss(batch, step).dataSync());
      model.dispose();
      return loss!;
    };
    const ranking = lossWith(0, 0);
    const contrast = lossWith(1, 0) - ranking;
    expect(contrast).toBeGreaterThan(1);
    expect(lossWith(0.5, 0) - ranking).toBeCloseTo(contrast / 2, 4);
    expect(lossWith(0, 1)).toBe(ranking);
    expect(lossWith(1, 1)).not.toBe(ranking + contrast);
  });

  it('are determined by their seed', () => {
    const make = (kind: 'freedom' | 'em3') => (seed: number) =>
      buildRetrievalModel({ kind, dim }, { data, itemGraph: graph, seed });
    for (const kind of ['freedom', 'em3'] as const) {
      expectSeededModule(make(kind), (model) => {
        const { users, items } = model.vectors();
        return mul(matMul(users, items, false, true), 100);
      });
    }
  });

  it('check their options before they create a weight', () => {
    const options = { data, itemGraph: graph, seed: 1 };
    expect(() => new Freedom({ ...options, edgeDropout: 1 })).toThrow('Freedom: expected edgeDropout');
    expect(() => new Em3({ ...options, heads: 5 })).toThrow('Em3: expected heads to divide dim 64, got 5');
    expect(() => new Em3({ ...options, cic: { temperature: 0 } })).toThrow('Em3: expected cic.temperature');
    expect(() => new Em3({ ...options, data: { ...data, numItems: 9 } })).toThrow(
      'Em3: expected a graph of items [9, 9], got [60, 60]',
    );
    expect(() => new Freedom({ ...options, data: { ...data, features: {} } })).toThrow('Freedom: expected features');
    expect(() => buildRetrievalModel({ kind: 'em3' }, { data, seed: 1 })).toThrow('expected a graph of items for EM3');
    expect(() => buildRetrievalModel({ kind: 'lattice' } as never, { data, seed: 1 })).toThrow(
      "expected kind to be 'bprMf' or 'vbpr' or 'lightGcn' or 'freedom' or 'em3', got 'lattice'",
    );
  });
});

describe('trainRetrieval', () => {
  const train = (options: object) => {
    const model = buildRetrievalModel({ kind: 'lightGcn', dim }, { data, seed: 1 });
    return trainRetrieval(model, data, { ...TRAINING, ...options }).then(async (result) => {
      const vectors = model.vectors();
      const now = await evaluateRetrieval(vectors, data, 'test');
      vectors.users.dispose();
      vectors.items.dispose();
      model.dispose();
      return { ...result, now };
    });
  };

  it('stops after the patience, and leaves the model at its best epoch on validation', async () => {
    const epochs: number[] = [];
    const result = await train({
      maxEpochs: 200,
      patience: 3,
      onEpoch: ({ epoch }: { epoch: number }) => epochs.push(epoch),
    });
    const recalls = result.epochs.map(({ validation }) => validation.recall20);
    expect(result.bestEpoch).toBe(recalls.indexOf(Math.max(...recalls)));
    expect(result.validation.recall20).toBe(Math.max(...recalls));
    expect(result.epochs.length).toBe(result.bestEpoch + 4);
    expect(epochs).toEqual([...recalls.keys()]);
    expect(result.now).toEqual(result.test);
  });

  it('is determined by its seed', async () => {
    const lossOf = async (seed: number) => (await train({ maxEpochs: 2, seed })).epochs.map(({ loss }) => loss);
    expect(await lossOf(5)).toEqual(await lossOf(5));
    expect(await lossOf(6)).not.toEqual(await lossOf(5));
  });

  it('refuses a loss that is not finite, and leaves no tensor', async () => {
    const model = buildRetrievalModel({ kind: 'bprMf', dim }, { data, seed: 1 });
    importParameters(
      model.parameters,
      new Map(
        [...exportParameters(model.parameters)].map(([path, entry]) => [
          path,
          { ...entry, data: new Float32Array(entry.data.length).fill(Number.NaN) },
        ]),
      ),
    );
    await expect(trainRetrieval(model, data, TRAINING)).rejects.toThrow('expected a finite loss, got NaN in epoch 0');
    model.dispose();
  });
});

describe('a part without interactions', () => {
  it.each([
    ['validation', 2],
    ['test', 1],
  ] as const)('ends training before it begins: %s', async (empty, other) => {
    const few = buildRetrievalData({ users: [0, 0], items: [0, 1], parts: [0, other], numItems: 5 });
    const model = buildRetrievalModel({ kind: 'bprMf', dim }, { data: few, seed: 1 });
    const before = exportParameters(model.parameters);
    await expect(trainRetrieval(model, few, TRAINING)).rejects.toThrow(
      `trainRetrieval: expected interactions in ${empty}, got none`,
    );
    expect(exportParameters(model.parameters)).toEqual(before);
    model.dispose();
  });
});

describe('compareRetrieval', () => {
  it('chooses the options of a grid by validation and by test, and prints published values beside them', async () => {
    const models: RetrievalModelOptions[] = [1, 4, 8].map((dim) => ({ kind: 'lightGcn', dim }));
    const training = { ...TRAINING, maxEpochs: 3 };
    const comparison = await compareRetrieval(data, {
      models: [...models, { kind: 'vbpr', dim }],
      seeds: [1, 2],
      training,
    });
    expect(comparison.runs.length).toBe(8);
    expect(comparison.rows.map(({ kind, selection }) => [kind, selection])).toEqual([
      ['popularity', 'validation'],
      ['lightGcn', 'validation'],
      ['lightGcn', 'test'],
      ['vbpr', 'validation'],
      ['vbpr', 'test'],
    ]);
    for (const row of comparison.rows.filter(({ kind }) => kind === 'lightGcn')) {
      const means = models.map((options) => {
        const runs = comparison.runs.filter((run) => run.options === options);
        expect(runs.map(({ seed }) => seed)).toEqual([1, 2]);
        return (runs[0]![row.selection].recall20 + runs[1]![row.selection].recall20) / 2;
      });
      expect(row[row.selection].recall20).toBeCloseTo(Math.max(...means), 12);
      expect(row.seeds).toBe(2);
    }
    const lines = formatComparison(comparison, 'baby').split('\n');
    expect(lines.length).toBe(6);
    expect(lines[5]).toMatch(/^VBPR +test +2 .*0\.0423 +0\.0663 +0\.0223 +0\.0285$/);
    expect(formatComparison(comparison)).not.toContain('published');
  });

  it('refuses models and seeds that it cannot run', async () => {
    await expect(compareRetrieval(data, { models: [] })).rejects.toThrow('expected at least one model, got none');
    await expect(compareRetrieval(data, { seeds: [] })).rejects.toThrow('expected at least one seed, got none');
    await expect(compareRetrieval(data, { seeds: [0.5] })).rejects.toThrow('seed');
    await expect(compareRetrieval({ ...data, features: {} }, { models: [{ kind: 'em3' }] })).rejects.toThrow(
      'compareRetrieval: expected features of at least one modality for EM3, got none',
    );
  });

  it('refuses a model that needs features before it trains another', async () => {
    const runs: string[] = [];
    const models: RetrievalModelOptions[] = [
      { kind: 'bprMf', dim },
      { kind: 'vbpr', dim },
    ];
    const training = { ...TRAINING, maxEpochs: 1 };
    const onRun = ({ options }: RetrievalRun) => runs.push(options.kind);
    await expect(compareRetrieval({ ...data, features: {} }, { models, training, onRun })).rejects.toThrow(
      'compareRetrieval: expected features of at least one modality for VBPR, got none',
    );
    expect(runs).toEqual([]);
  });
});
