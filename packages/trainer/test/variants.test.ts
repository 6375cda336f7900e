import { MemoryBank } from '@sifaka/memory-bank';
import { deriveSeed } from '@sifaka/nn';
import { HistoryDecoder, Longer } from '@sifaka/ranker';
import { exportWeights, type MultimodalRanker, type PresetOverrides } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { bankWith, vectorOf } from './small-bank.js';
import { batchOf, DIM, modelMaker, PROJECTED, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { changedWeights } from './whole-state.js';

const makeModel = modelMaker();
const ROWS = [
  { user: 1, item: 1, history: [10, 11, 12, 13, 14, 15] },
  { user: 2, item: 2, label: 0, history: [12] },
  { user: 3, item: 3, history: [10, 1, 13, 16, 17] },
  { user: 5, item: 4, label: 0 },
] as const;
const LONG = 3;
const GROUPS = { user: 4, item: 4 };
const NO_SIMILARITY = { similarity: false } as const;
const NO_VECTORS = { vectors: false, similarity: false } as const;

function withBank(overrides: PresetOverrides): MultimodalRanker {
  const model = makeModel(tinyLemur(overrides));
  model.replaceBank(bankWith());
  return model;
}

const AS_PRINTED = { ids: { residual: false }, vectors: { residual: false } } as const;

const VARIANTS: Record<string, { readonly overrides: PresetOverrides; readonly trains: RegExp }> = {
  'a long sequence': { overrides: { sequences: { long: { length: LONG } } }, trains: /^longHistory\./ },
  'a long sequence alone': {
    overrides: { sequences: { liked: NO_VECTORS, long: { length: LONG }, disliked: NO_VECTORS } },
    trains: /^longHistory\./,
  },
  'no similarity': {
    overrides: { sequences: { liked: NO_SIMILARITY, disliked: NO_SIMILARITY } },
    trains: /^contentHistory\./,
  },
  'no sequences': { overrides: { sequences: { liked: NO_VECTORS, disliked: NO_VECTORS } }, trains: /^content\./ },
  'a projected decoder': {
    overrides: { sequences: { liked: PROJECTED, disliked: PROJECTED } },
    trains: /^contentHistory\..*attention/,
  },
  'the decoder as printed': {
    overrides: { sequences: { liked: AS_PRINTED, disliked: AS_PRINTED } },
    trains: /^contentHistory\.query/,
  },
  'LONGER over ids': { overrides: { sequences: { liked: { ids: { kind: 'longer' } } } }, trains: /^idHistory\./ },
  'an MLP instead of RankMixer': {
    overrides: { head: { kind: 'mlp', hiddenDims: [256, 64] } },
    trains: /^head\./,
  },
  'a mixture of experts': {
    overrides: { head: { feedForward: { kind: 'experts', experts: 2 } } },
    trains: /^head\..*[eE]xpert/,
  },
  'content-ID contrast': { overrides: { cic: { weight: 0.1 } }, trains: /^contentId\./ },
};

describe('every variant of the model', () => {
  for (const [name, { overrides, trains }] of Object.entries(VARIANTS)) {
    test(`with ${name} trains the part that it adds, and its loss falls`, () => {
      const model = withBank({ ...overrides, optimizer: { learningRate: 3e-3 } });
      const batch = batchOf(ROWS, { long: overrides.sequences?.long?.length ?? 0 });
      const before = exportWeights(model);
      const first = trainingOf(model).run(batch, { step: 0 });
      expect(changedWeights(before, exportWeights(model)).some((path) => trains.test(path))).toBe(true);
      let last = first;
      for (let step = 1; step < 25; step++) last = trainingOf(model).run(batch, { step });
      expect(last.skipped).toBe(false);
      expect(last.ranking).toBeLessThan(0.8 * first.ranking);
      expect(model.predict(batch, model.bank).every(Number.isFinite)).toBe(true);
    });
  }

  test('the decoder as printed has no norm', () => {
    const norms = (overrides: PresetOverrides) =>
      [...withBank(overrides).parameters.keys()].filter((path) => /^(idHistory|contentHistory)\..*norm/.test(path));
    expect(norms({}).length).toBeGreaterThan(0);
    expect(norms({ sequences: { liked: AS_PRINTED } })).toEqual([]);
  });

  test('SQDC uses the masks and the reduction of its options', () => {
    // Rows 0 and 2 are liked. Item 3, row 2's, is in row 0's history; row 0's user is shown item 2 in row 1 and did not
    // like it.
    const batch = batchOf([
      { user: 1, item: 1, history: [10, 3] },
      { user: 1, item: 2, label: 0, history: [10, 3] },
      { user: 3, item: 3, history: [10] },
    ]);
    const contrast = (sqdc: PresetOverrides['sqdc']) =>
      trainingOf(withBank({ sqdc: { weight: 1, ...sqdc } })).run(batch, { step: 0 }).contrast;
    const plain = contrast({ negatives: 'all' });
    expect(contrast({ negatives: 'all', maskHistory: true })).toBeLessThan(plain);
    expect(contrast({ negatives: 'all', maskExposed: true })).toBeLessThan(plain);
    expect(contrast({ negatives: 'all', reduction: 'sum' })).toBeCloseTo(2 * plain, 4);
  });

  test('the loss is the sum of the losses that are on', () => {
    const batch = batchOf(ROWS);
    const { loss, ranking, contrast, contentId } = trainingOf(
      withBank({ cic: { weight: 0.3 }, sqdc: { weight: 0.2 } }),
    ).run(batch, { step: 0 });
    expect(contentId).toBeGreaterThan(0);
    expect(loss).toBeCloseTo(ranking + 0.2 * contrast + 0.3 * contentId, 4);
    const plain = trainingOf(withBank({})).run(batch, { step: 0 });
    expect([plain.contentId, plain.activeExperts]).toEqual([Number.NaN, Number.NaN]);
    const experts = trainingOf(withBank({ head: { feedForward: { kind: 'experts', experts: 2 } } })).run(batch, {
      step: 0,
    });
    expect(experts.activeExperts).toBeGreaterThan(0);
    expect(experts.activeExperts).toBeLessThanOrEqual(1);
  });

  test.each([
    ['decoder', 'idDecoder', (seed: number) => new HistoryDecoder({ groups: GROUPS, dim: 4, seed })],
    ['longer', 'idLonger', (seed: number) => new Longer({ groups: GROUPS, dim: 4, maxLength: 4, seed })],
  ] as const)('the seed of a %s derives from the name %s', (kind, name, makeReader) => {
    const options = tinyIdOnly({ sequences: { liked: { ids: { kind } } } });
    const model = makeModel(options);
    const reader = makeReader(deriveSeed(options.seed, name));
    for (const [path, variable] of reader.parameters) {
      expect(model.parameters.get(`idHistory.${path}`)!.dataSync()).toEqual(variable.dataSync());
    }
    reader.dispose();
  });

  test('an id-only model can read its ids by LONGER', () => {
    const model = makeModel(
      tinyIdOnly({ sequences: { liked: { ids: { kind: 'longer' } } }, head: { kind: 'mlp', hiddenDims: [256, 64] } }),
    );
    const before = exportWeights(model);
    trainingOf(model).run(batchOf(ROWS), { step: 0 });
    expect(changedWeights(before, exportWeights(model)).some((path) => path.startsWith('idHistory.'))).toBe(true);
  });
});

describe('the sequences that are read', () => {
  const IN_SHORT = 11;
  const IN_LONG = 15;

  /** Whether the scores depend on the stored vector of an item that occurs in one sequence only. */
  function reads(overrides: PresetOverrides, item: number): boolean {
    const model = makeModel(tinyLemur(overrides));
    const batch = batchOf(ROWS, { long: overrides.sequences?.long?.length ?? 0 });
    const scores = (changed?: number) => [...model.predict(batch, bankWith(changed))];
    return scores().join() !== scores(item).join();
  }

  test('are those of the options', () => {
    const both = { sequences: { long: { length: LONG } } };
    expect([reads({}, IN_SHORT), reads({}, IN_LONG)]).toEqual([true, false]);
    expect([reads(both, IN_SHORT), reads(both, IN_LONG)]).toEqual([true, true]);
    const long = { sequences: { liked: NO_VECTORS, long: { length: LONG }, disliked: NO_VECTORS } };
    expect([reads(long, IN_SHORT), reads(long, IN_LONG)]).toEqual([false, true]);
    const none = { sequences: { liked: NO_VECTORS, disliked: NO_VECTORS } };
    expect([reads(none, IN_SHORT), reads(none, IN_LONG)]).toEqual([false, false]);
  });

  test('all count in historyFound and historyMissing', () => {
    const model = makeModel(tinyLemur({ sequences: { long: { length: LONG } } }));
    const bank = new MemoryBank({ dim: DIM });
    for (const item of [10, 11, 12, 14]) bank.write([item], vectorOf(item), 0);
    model.replaceBank(bank);
    // Liked: 10 11 12 13 | 12 | 10 1 13 16. Long: 14 15 | 17. Item 1 is a candidate of this step.
    expect(trainingOf(model).run(batchOf(ROWS, { long: LONG }), { step: 0 })).toMatchObject({
      historyFound: 7,
      historyMissing: 5,
    });
  });

  test('must be in the batch', () => {
    const model = makeModel(tinyLemur({ sequences: { long: { length: LONG } } }));
    expect(() => trainingOf(model).run(batchOf(ROWS), { step: 0 })).toThrow(
      'TrainingStep.run: expected a history named long of length 3 (see historiesOf), got none',
    );
  });
});
