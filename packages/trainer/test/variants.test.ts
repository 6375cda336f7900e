import { MemoryBank } from '@sifaka/memory-bank';
import { exportWeights, type MultimodalRanker, type PresetOverrides } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyIdOnly, tinyLemur } from './small-world.js';
import { changedWeights } from './whole-state.js';

const makeModel = modelMaker();
const DIM = 16;
const ROWS = [
  { user: 1, item: 1, history: [10, 11, 12, 13, 14, 15] },
  { user: 2, item: 2, label: 0, history: [12] },
  { user: 3, item: 3, history: [10, 1, 13, 16, 17] },
  { user: 5, item: 4, label: 0 },
] as const;
const LONG = 3;

const vectorOf = (item: number, seed = 0) =>
  Float32Array.from({ length: DIM }, (_, k) => Math.sin(3 * item + k + seed));

/** A bank that knows items 0 … 19; `changed` has another vector. */
function bankWith(changed?: number): MemoryBank {
  const bank = new MemoryBank({ dim: DIM });
  for (let item = 0; item < 20; item++) bank.write([item], vectorOf(item, item === changed ? 1 : 0), 0);
  return bank;
}

function withBank(overrides: PresetOverrides): MultimodalRanker {
  const model = makeModel(tinyLemur(overrides));
  model.replaceBank(bankWith());
  return model;
}

const VARIANTS: Record<string, { readonly overrides: PresetOverrides; readonly trains: RegExp }> = {
  'a long sequence': { overrides: { sequences: { long: LONG } }, trains: /^longDecoder\./ },
  'a long sequence alone': { overrides: { sequences: { short: false, long: LONG } }, trains: /^longDecoder\./ },
  'no similarity': { overrides: { sequences: { similarity: false } }, trains: /^contentDecoder\./ },
  'no sequences': { overrides: { sequences: { short: false } }, trains: /^content\./ },
  'a projected decoder': { overrides: { decoderHeads: 2 }, trains: /^contentDecoder\..*attention/ },
  'LONGER over ids': { overrides: { idSequence: 'longer' }, trains: /^idLonger\./ },
  'an MLP in the place of RankMixer': { overrides: { head: 'mlp' }, trains: /^mixer\./ },
  'a mixture of experts': { overrides: { mixerExperts: 2 }, trains: /^mixer\..*[eE]xpert/ },
  'content-ID contrast': { overrides: { cic: { weight: 0.1 } }, trains: /^contentId\./ },
};

describe('every variant of the model', () => {
  for (const [name, { overrides, trains }] of Object.entries(VARIANTS)) {
    test(`with ${name} learns what it adds, and lowers its loss`, () => {
      const model = withBank({ ...overrides, optimizer: { learningRate: 3e-3 } });
      const batch = batchOf(ROWS, 4, overrides.sequences?.long ?? 0);
      const before = exportWeights(model);
      const first = model.step(batch, { step: 0 });
      expect(changedWeights(before, exportWeights(model)).some((path) => trains.test(path))).toBe(true);
      let last = first;
      for (let step = 1; step < 25; step++) last = model.step(batch, { step });
      expect(last.skipped).toBe(false);
      expect(last.ranking).toBeLessThan(0.8 * first.ranking);
      expect(model.predict(batch, model.bank).every(Number.isFinite)).toBe(true);
    });
  }

  test('SQDC takes the masks and the sum that its options name', () => {
    // Rows 0 and 2 are liked. Item 3, row 2's, is in row 0's history; row 0's user is shown item 2 in row 1 and did not like it.
    const batch = batchOf([
      { user: 1, item: 1, history: [10, 3] },
      { user: 1, item: 2, label: 0, history: [10, 3] },
      { user: 3, item: 3, history: [10] },
    ]);
    const contrast = (sqdc: PresetOverrides['sqdc']) =>
      withBank({ sqdc: { weight: 1, ...sqdc } }).step(batch, { step: 0 }).contrast;
    const plain = contrast({ negatives: 'all' });
    expect(contrast({ negatives: 'all', maskHistory: true })).toBeLessThan(plain);
    expect(contrast({ negatives: 'all', maskExposed: true })).toBeLessThan(plain);
    expect(contrast({ negatives: 'all', reduction: 'sum' })).toBeCloseTo(2 * plain, 4);
  });

  test('the loss is the sum of what is on', () => {
    const batch = batchOf(ROWS);
    const { loss, ranking, contrast, contentId } = withBank({ cic: { weight: 0.3 }, sqdc: { weight: 0.2 } }).step(
      batch,
      { step: 0 },
    );
    expect(contentId).toBeGreaterThan(0);
    expect(loss).toBeCloseTo(ranking + 0.2 * contrast + 0.3 * contentId, 4);
    const plain = withBank({}).step(batch, { step: 0 });
    expect([plain.contentId, plain.activeExperts]).toEqual([Number.NaN, Number.NaN]);
    const experts = withBank({ mixerExperts: 2 }).step(batch, { step: 0 });
    expect(experts.activeExperts).toBeGreaterThan(0);
    expect(experts.activeExperts).toBeLessThanOrEqual(1);
  });

  test('an id-only model reads its ids by LONGER too', () => {
    const model = makeModel(tinyIdOnly({ idSequence: 'longer', head: 'mlp' }));
    const before = exportWeights(model);
    model.step(batchOf(ROWS), { step: 0 });
    expect(changedWeights(before, exportWeights(model)).some((path) => path.startsWith('idLonger.'))).toBe(true);
  });
});

describe('which sequences are read', () => {
  const IN_SHORT = 11;
  const IN_LONG = 15;

  /** Whether the scores depend on the stored vector of an item that stands in one of the sequences only. */
  function reads(overrides: PresetOverrides, item: number): boolean {
    const model = makeModel(tinyLemur(overrides));
    const batch = batchOf(ROWS, 4, overrides.sequences?.long ?? 0);
    const scores = (changed?: number) => [...model.predict(batch, bankWith(changed))];
    return scores().join() !== scores(item).join();
  }

  test('is what the options say', () => {
    const both = { sequences: { long: LONG } };
    expect([reads({}, IN_SHORT), reads({}, IN_LONG)]).toEqual([true, false]);
    expect([reads(both, IN_SHORT), reads(both, IN_LONG)]).toEqual([true, true]);
    const long = { sequences: { short: false, long: LONG } };
    expect([reads(long, IN_SHORT), reads(long, IN_LONG)]).toEqual([false, true]);
    const none = { sequences: { short: false } };
    expect([reads(none, IN_SHORT), reads(none, IN_LONG)]).toEqual([false, false]);
  });

  test('both count in what was found and what was missing', () => {
    const model = makeModel(tinyLemur({ sequences: { long: LONG } }));
    const bank = new MemoryBank({ dim: DIM });
    for (const item of [10, 11, 12, 14]) bank.write([item], vectorOf(item), 0);
    model.replaceBank(bank);
    // Short: 10 11 12 13 | 12 | 10 1 13 16. Long: 14 15 | 17. Item 1 is a candidate of this step.
    expect(model.step(batchOf(ROWS, 4, LONG), { step: 0 })).toMatchObject({ historyFound: 7, historyMissing: 5 });
  });

  test('a batch without the long one is refused', () => {
    const model = makeModel(tinyLemur({ sequences: { long: LONG } }));
    expect(() => model.step(batchOf(ROWS), { step: 0 })).toThrow(
      'MultimodalRanker.step: expected a history named long of length 3 (see historiesOf), got 0',
    );
  });
});
