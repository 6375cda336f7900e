import { FusionQFormer, publicForm } from '@sifaka/qformer';
import { checkGradient, normal } from '@sifaka/test-kit';
import type { HistoryContent, PresetOverrides } from '@sifaka/trainer';
import {
  exportWeights,
  LowRankHistory,
  listCheckpoints,
  loadCheckpoint,
  type MultimodalRanker,
  SharedFusionHistory,
  saveCheckpoint,
} from '@sifaka/trainer';
import {
  concat,
  expandDims,
  mul,
  ones,
  reshape,
  type Scalar,
  sum,
  type Tensor,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { linearContent } from './linear-content.js';
import { batchOf, DIM, makeCatalogue, modelMaker, tinyLemur, trainingOf } from './small-world.js';
import { encoderGradients, gradientsUnder } from './step-gradients.js';
import { stateAt } from './tiny-training.js';
import { changedWeights, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();

type History = NonNullable<NonNullable<PresetOverrides['content']>['history']>;

const KINDS: Readonly<Record<string, History>> = {
  frozen: { kind: 'frozen' },
  lowRank: { kind: 'lowRank', rank: 2 },
  sharedFusion: { kind: 'sharedFusion', rank: 2, alpha: 4 },
  full: { kind: 'full' },
};

const BATCH = batchOf([
  { user: 1, item: 1, history: [10, 11, 12, 13] },
  { user: 2, item: 2, label: 0, history: [12], recent: [[14, 0]] },
  { user: 3, item: 3, history: [10, 1, 13] },
  { user: 5, item: 4, label: 0 },
]);
const EVERY_ITEM = Int32Array.from({ length: 20 }, (_, item) => item);

/** A model whose bank holds every item as its encoders see it now. */
function modelWith(history: History, overrides: PresetOverrides = {}): MultimodalRanker {
  const model = makeModel(tinyLemur({ content: { history }, sqdc: { weight: 0 }, ...overrides }));
  model.freezeEncoders(EVERY_ITEM, 0);
  return model;
}

describe.each(Object.entries(KINDS))('contents of histories that are %s', (_, history) => {
  test('train, score, save and load', async () => {
    const model = modelWith(history);
    for (let step = 0; step < 3; step++) expect(trainingOf(model).run(BATCH, { step }).skipped).toBe(false);
    const scores = model.predict(BATCH, model.bank);
    const folder = await makeFolder();
    await saveCheckpoint(trainingOf(model), stateAt(3), { folder, fingerprint: 'data' });
    const loaded = makeModel(model.options);
    await loadCheckpoint(trainingOf(loaded), (await listCheckpoints(folder))[0]!, { fingerprint: 'data' });
    expect(loaded.predict(BATCH, loaded.bank)).toEqual(scores);
    expect(wholeState(trainingOf(loaded))).toEqual(wholeState(trainingOf(model)));
    trainingOf(model).run(BATCH, { step: 3 });
    trainingOf(loaded).run(BATCH, { step: 3 });
    expect(wholeState(trainingOf(loaded))).toEqual(wholeState(trainingOf(model)));
  });

  test('count what the sequences found', () => {
    const model = modelWith(history);
    // Of 9 positions in the sequences, all are in the bank or candidates of the step.
    expect(trainingOf(model).run(BATCH, { step: 0 })).toMatchObject({ historyFound: 9, historyMissing: 0 });
  });
});

describe('a new model', () => {
  test('reads stored vectors as they are, with a low-rank update that is zero', () => {
    const [frozen, lowRank] = [modelWith({ kind: 'frozen' }), modelWith({ kind: 'lowRank', rank: 2 })];
    expect(lowRank.predict(BATCH, lowRank.bank)).toEqual(frozen.predict(BATCH, frozen.bank));
    const losses = [frozen, lowRank].map((model) => trainingOf(model).run(BATCH, { step: 0 }).loss);
    expect(losses[1]).toBe(losses[0]);
    expect([...encoderGradients(lowRank)]).toEqual([...encoderGradients(frozen)]); // None through the history.
  });

  test('has the loss of stored vectors where it encodes the history, and gradients through it', () => {
    const [frozen, full] = [modelWith({ kind: 'frozen' }), modelWith({ kind: 'full' })];
    const losses = [frozen, full].map((model) => trainingOf(model).run(BATCH, { step: 0 }).loss);
    expect(losses[1]).toBeCloseTo(losses[0]!, 5);
    const [constant, whole] = [frozen, full].map((model) => gradientsUnder('content.', encoderGradients(model)));
    expect(whole).not.toEqual(constant);
  });
});

describe('a low-rank update', () => {
  test('learns while the stored vectors are constants', () => {
    const model = modelWith({ kind: 'lowRank', rank: 2 }, { trainEncoders: false });
    const before = exportWeights(model);
    const stored = model.bank.snapshot().vectors.slice();
    for (let step = 0; step < 3; step++) trainingOf(model).run(BATCH, { step });
    const changed = changedWeights(before, exportWeights(model));
    expect(changed).toEqual(expect.arrayContaining(['history.update.down', 'history.update.up']));
    expect(changed.some((path) => path.startsWith('content.'))).toBe(false);
    expect(model.bank.snapshot().vectors).toEqual(stored);
  });

  test('is e + (α/r) B A e', () => {
    const history = new LowRankHistory({ dim: 3, rank: 1, alpha: 5, seed: 1 });
    tidy(() => {
      history.parameters.get('update.up')!.assign(ones([1, 3]));
      const down = [...history.parameters.get('update.down')!.dataSync()];
      const rows = normal([2, 3], 2);
      const [a, b] = rows.arraySync() as number[][];
      const added = [a!, b!].map((row) => 5 * row.reduce((total, value, k) => total + value * down[k]!, 0));
      expect(history.forward(rows)).toBeAllClose(
        [a!, b!].flatMap((row, i) => row.map((value) => value + added[i]!)),
        {
          atol: 1e-5,
        },
      );
      checkGradient((x) => sum(history.forward(x!)) as Scalar, [rows]);
    });
    history.dispose();
  });

  test('is computed once for each distinct item of a batch, whatever the length of its histories', () => {
    const seen: number[][] = [];
    const counting: HistoryContent = {
      parameters: new Map(),
      forward: (rows: Tensor) => {
        seen.push(rows.shape);
        return rows.clone();
      },
      dispose: () => {},
    };
    const model = makeModel(tinyLemur({ sequences: { liked: { length: 1000 } } }), undefined, { history: counting });
    model.freezeEncoders(EVERY_ITEM, 0);
    const history = Array.from({ length: 1000 }, (_, k) => k % 20);
    const batch = batchOf(
      [
        { item: 1, history },
        { item: 2, history: [3, 4, 5] },
      ],
      { liked: 1000 },
    );
    expect(model.predict(batch, model.bank).every(Number.isFinite)).toBe(true);
    expect(seen).toEqual([[20, DIM]]);
  });
});

describe('the shared fusion', () => {
  const fusionOf = () => new FusionQFormer(publicForm({ modalities: ['image', 'text'], dim: 4, heads: 2, seed: 1 }));
  const rowsOf = (image: Tensor, text: Tensor, present: Tensor) =>
    concat([zeros([image.shape[0]!, 4]), image, present, text, ones([image.shape[0]!, 1])], 1);

  test('fuses the stored tokens as the candidate’s fusion does, and leaves out a modality that is missing', () => {
    const fusion = fusionOf();
    const history = new SharedFusionHistory({ fusion, dim: 4, rank: 2, seed: 3 });
    tidy(() => {
      const [image, text] = [normal([3, 4], 1), normal([3, 4], 2)];
      const tokens = (x: Tensor) => reshape(x, [3, 1, 4]);
      const both = fusion.forward({ image: { tokens: tokens(image) }, text: { tokens: tokens(text) } }).vector;
      expect(history.forward(rowsOf(image, text, ones([3, 1])))).toBeAllClose(both, { atol: 1e-6 });
      const alone = fusion.forward({ text: { tokens: tokens(text) } }).vector;
      expect(history.forward(rowsOf(zeros([3, 4]), text, zeros([3, 1])))).toBeAllClose(alone, { atol: 1e-5 });
    });
    history.dispose();
    fusion.dispose();
  });

  test('reads tokens of other widths, each modality its own', async () => {
    const content = () => linearContent({ vocabularySize: 16, maxLength: 4, imageDim: 6 });
    const options = tinyLemur({ content: { history: { kind: 'sharedFusion', rank: 2 } }, sqdc: { weight: 0 } });
    const model = makeModel(options, undefined, { content: content() });
    expect(model.bank.dim).toBe(DIM + (6 + 1) + (DIM + 1));
    model.freezeEncoders(EVERY_ITEM, 0);
    for (let step = 0; step < 2; step++) trainingOf(model).run(BATCH, { step });
    const folder = makeFolder();
    const checkpoint = await saveCheckpoint(trainingOf(model), stateAt(2), { folder, fingerprint: 'data' });
    const loaded = makeModel(options, undefined, { content: content() });
    await loadCheckpoint(trainingOf(loaded), checkpoint, { fingerprint: 'data' });
    expect(loaded.predict(BATCH, loaded.bank)).toEqual(model.predict(BATCH, model.bank));

    const other = content();
    const { fusion, tokenDims } = other;
    const history = new SharedFusionHistory({ fusion, tokenDims, dim: DIM, rank: 2, seed: 3 });
    tidy(() => {
      const [image, text] = [normal([3, 6], 1), normal([3, DIM], 2)];
      const tokens = { image: { tokens: expandDims(image, 1) }, text: { tokens: expandDims(text, 1) } };
      const rows = concat([zeros([3, DIM]), image, ones([3, 1]), text, ones([3, 1])], 1);
      expect(history.forward(rows)).toBeAllClose(fusion.forward(tokens).vector, { atol: 1e-6 });
    });
    history.dispose();
    other.dispose();
  });

  test('sends gradients to the low-rank factors, and none to the shared weights', () => {
    const fusion = fusionOf();
    const history = new SharedFusionHistory({ fusion, dim: 4, rank: 2, seed: 3 });
    tidy(() => {
      const rows = rowsOf(normal([3, 4], 1), normal([3, 4], 2), ones([3, 1]));
      const upstream = normal([3, 4], 5);
      const loss = () => sum(mul(history.forward(rows), upstream)) as Scalar;
      const { grads } = variableGrads(loss, [...history.parameters.values(), ...fusion.parameters.values()]);
      for (const [path, { name }] of history.parameters) {
        const moved = grads[name]!.dataSync().some((value) => value !== 0);
        expect(moved, path).toBe(path.endsWith('.up')); // `up` is zero, so `down` has no gradient yet.
      }
      for (const { name } of fusion.parameters.values()) expect(grads[name]).toBeFalsy();
    });
    history.dispose();
    fusion.dispose();
  });

  test('has the bank store a token and a presence per modality beside the item vector', () => {
    const catalogue = makeCatalogue();
    catalogue.images.present[7] = 0;
    const model = makeModel(tinyLemur({ content: { history: { kind: 'sharedFusion', rank: 2 } } }), catalogue);
    const width = DIM + 2 * (DIM + 1);
    expect(model.bank.dim).toBe(width);
    const rows = model.encode(Int32Array.of(7, 8));
    expect(rows).toHaveLength(2 * width);
    const part = (row: number, from: number, to: number) => [...rows.subarray(row * width + from, row * width + to)];
    expect(part(0, DIM, 2 * DIM + 1)).toEqual(Array(DIM + 1).fill(0)); // No image.
    expect([part(0, width - 1, width), part(1, 2 * DIM, 2 * DIM + 1)]).toEqual([[1], [1]]);
    const plain = makeModel(tinyLemur(), catalogue).encode(Int32Array.of(7, 8));
    expect(part(1, 0, DIM)).toEqual([...plain.subarray(DIM)]);
  });

  test('reports the staleness of the item vectors, which the tokens beside them do not change', () => {
    const [plain, shared] = [modelWith({ kind: 'frozen' }), modelWith({ kind: 'sharedFusion', rank: 2 })];
    for (const model of [plain, shared]) {
      // Stored item vectors that are not those of the encoders. Tokens stay what they are.
      const { ids, vectors } = model.bank.rows(EVERY_ITEM);
      const turned = vectors.map((value, k) => (k % model.bank.dim === 0 ? value + 1 : value));
      model.bank.write(ids, turned, 0);
    }
    const results = [plain, shared].map((model) => trainingOf(model).run(BATCH, { step: 1 }));
    expect(results[0]!.stalenessCosine).toBeLessThan(0.99);
    expect(results[1]!.stalenessCosine).toBeCloseTo(results[0]!.stalenessCosine, 5);
  });
});
