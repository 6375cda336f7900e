import { categoryColumn } from '@sifaka/data';
import {
  type Catalogue,
  exportWeights,
  type HeadOptions,
  listCheckpoints,
  loadCheckpoint,
  type ReaderOptions,
  saveCheckpoint,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { bankWith } from './small-bank.js';
import { batchOf, ITEMS, makeCatalogue, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { stateAt } from './tiny-training.js';
import { changedWeights, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();

const READERS: Readonly<Record<string, ReaderOptions>> = {
  decoder: { kind: 'decoder', depth: 1, attention: { kind: 'printed' } },
  longer: { kind: 'longer' },
  meanPooling: { kind: 'meanPooling' },
  din: { kind: 'din', hiddenDims: [4], activation: { kind: 'dice' }, pooling: { kind: 'softmax' } },
  dien: { kind: 'dien', auxiliaryWeight: 0.5 },
  'sim, soft': { kind: 'sim', search: { kind: 'soft' }, top: 2, heads: 2 },
  'sim, hard': { kind: 'sim', search: { kind: 'hard' }, top: 2, heads: 2 },
};

const HEADS: Readonly<Record<string, HeadOptions>> = {
  rankMixer: { kind: 'rankMixer', headDim: 4, depth: 1, feedForward: { kind: 'dense' } },
  mlp: { kind: 'mlp', hiddenDims: [8] },
  factorizationMachine: { kind: 'factorizationMachine', factors: 4 },
  deepFm: { kind: 'deepFm', factors: 4, hiddenDims: [8] },
  dlrm: { kind: 'dlrm', factors: 4, hiddenDims: [8] },
  dcnV2: { kind: 'dcnV2', depth: 1, cross: { kind: 'lowRank', rank: 2, experts: 2 }, hiddenDims: [8] },
  autoInt: { kind: 'autoInt', dim: 4, heads: 2, headDim: 4, depth: 1 },
};

/** Even items are of one genre, odd ones of another. Item 13 is of both. */
const GENRES = categoryColumn(
  'genre',
  Array.from({ length: ITEMS }, (_, item) => (item === 13 ? ['even', 'odd'] : [item % 2 === 0 ? 'even' : 'odd'])),
).ofItem;
const CATALOGUE: Catalogue = { ...makeCatalogue(), categories: GENRES };

const BATCH = batchOf([
  { user: 1, item: 1, history: [10, 11, 12, 13] },
  { user: 2, item: 2, label: 0, history: [12], recent: [[14, 0]] },
  { user: 3, item: 3, history: [10, 1, 13] },
  { user: 5, item: 4, label: 0 },
]);

const PAIRS = Object.entries(READERS).flatMap(([reader, readerOptions]) =>
  Object.entries(HEADS).map(([head, headOptions]) => [reader, head, readerOptions, headOptions] as const),
);

describe('every reader works with every head', () => {
  test.each(PAIRS)('%s with %s, over ids and contents', async (_reader, _head, reader, head) => {
    const sequence = { ids: reader, vectors: reader, similarity: false } as const;
    const make = () => {
      const model = makeModel(tinyLemur({ head, sequences: { liked: sequence, disliked: sequence } }), CATALOGUE);
      model.replaceBank(bankWith());
      return model;
    };
    const model = make();
    const before = exportWeights(model);
    const { loss, skipped } = trainingOf(model).run(BATCH, { step: 0 });
    expect([Number.isFinite(loss), skipped]).toEqual([true, false]);
    const parts = new Set(changedWeights(before, exportWeights(model)).map((path) => path.split('.')[0]));
    expect(parts).toContain('head');
    if (reader.kind !== 'meanPooling')
      expect([...parts]).toEqual(expect.arrayContaining(['idHistory', 'contentHistory']));

    const scores = model.predict(BATCH, model.bank);
    expect(scores.every(Number.isFinite)).toBe(true);
    const folder = await makeFolder();
    await saveCheckpoint(trainingOf(model), stateAt(1), { folder, fingerprint: 'data' });
    const loaded = make();
    await loadCheckpoint(trainingOf(loaded), (await listCheckpoints(folder))[0]!, { fingerprint: 'data' });
    expect(loaded.predict(BATCH, loaded.bank)).toEqual(scores);
    expect(wholeState(trainingOf(loaded))).toEqual(wholeState(trainingOf(model)));
  });
});

describe('the hard search', () => {
  const hard = { kind: 'sim', search: { kind: 'hard' }, heads: 2 } as const;
  const ids = { liked: { ids: hard, length: 4 }, disliked: { length: 0 } };

  test('reads the items that share a category with the candidate, and no others', () => {
    const model = makeModel(tinyIdOnly({ sequences: ids }), CATALOGUE);
    // Items have embeddings of their own once they have been trained on.
    const items = [2, 4, 11, 12, 13, 15, 16].map((item) => ({ item, label: item > 12 ? 1 : 0 }) as const);
    trainingOf(model).run(batchOf(items, { recent: 0 }), { step: 0 });
    const scores = (history: readonly number[]) => [
      ...model.predict(batchOf([{ item: 2, history }], { recent: 0 }), model.bank),
    ];
    expect(scores([11, 4])).toEqual(scores([15, 4])); // Odd items are not read,
    expect(scores([12, 4])).not.toEqual(scores([16, 4])); // even ones are,
    expect(scores([13, 4])).not.toEqual(scores([15, 4])); // and so is an item of both genres.
  });

  test('needs a catalogue with categories, before anything is built', () => {
    const message = (kind: string) =>
      `buildRanker: expected a catalogue with the categories of 40 items for the hard search of sequence liked, got ${kind}`;
    expect(() => makeModel(tinyIdOnly({ sequences: ids }))).toThrow(message('none'));
    expect(() => makeModel(tinyLemur({ sequences: { liked: { vectors: hard } } }))).toThrow(message('none'));
    const few = categoryColumn('genre', [['a']]).ofItem;
    expect(() => makeModel(tinyIdOnly({ sequences: ids }), { ...makeCatalogue(), categories: few })).toThrow(
      message('1'),
    );
  });
});
