import { MemoryBank } from '@sifaka/memory-bank';
import { inspectBank, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, DIM, makeWorld, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();

describe('the refresh budget', () => {
  test('encodes the stalest and most read items besides the candidates, without learning from them', () => {
    const model = makeModel(tinyLemur({ sampling: { refreshBudget: 2 } }));
    const bank = new MemoryBank({ dim: DIM });
    for (let item = 10; item < 16; item++) bank.write([item], new Float32Array(DIM).fill(1), item);
    model.replaceBank(bank);
    bank.read([10, 11, 11, 12, 12, 12]); // Age × reads at step 20: 10, 18, 24; the others were not read.
    const result = trainingOf(model).run(batchOf([{ item: 1 }, { item: 2, label: 0 }]), { step: 20 });
    expect(result).toMatchObject({ candidates: 2, learned: 2, refreshed: 2 });
    expect([10, 11, 12, 13].map((item) => bank.read([item]).steps[0])).toEqual([10, 20, 20, 13]);
    expect([...bank.peek([12]).vectors]).not.toEqual(new Array(DIM).fill(1));
  });

  test('does not change the loss', () => {
    const batch = batchOf([{ item: 1 }, { item: 2, label: 0 }]);
    const lossWith = (refreshBudget: number) => {
      const model = makeModel(tinyLemur({ sampling: { refreshBudget } }));
      const bank = new MemoryBank({ dim: DIM });
      bank.write([10], new Float32Array(DIM).fill(1), 0);
      bank.read([10]);
      model.replaceBank(bank);
      return trainingOf(model).run(batch, { step: 3 }).loss;
    };
    expect(lossWith(1)).toBeCloseTo(lossWith(0), 5);
  });
});

test('a warmed-up bank has every train item from the first step on', async () => {
  const world = makeWorld({ events: 400 });
  const missing = async (warmUp: boolean) => {
    const counts: number[] = [];
    await train(trainingOf(makeModel(tinyLemur({ sampling: { warmUp } }), world.catalogue)), {
      ...world,
      steps: 2,
      batchSize: 32,
      onStep: ({ result }) => counts.push(result.historyMissing),
    });
    return counts;
  };
  expect(await missing(true)).toEqual([0, 0]);
  expect((await missing(false))[0]).toBeGreaterThan(0);
});

describe('inspectBank', () => {
  test('measures staleness, age and coverage, and changes nothing', () => {
    const world = makeWorld({ events: 400 });
    const model = makeModel(tinyLemur({ sequences: { long: { length: 3 } } }), world.catalogue);
    const trained = Int32Array.from(new Set(Array.from(world.split.train, (sample) => world.samples.items[sample]!)));
    const options = { samples: world.samples, split: world.split, step: 7 };
    expect(inspectBank(model, options)).toMatchObject({
      items: 0,
      staleness: { size: 0, mean: null },
      coverage: { candidates: 0, liked: 0, long: 0 },
      coverageByPopularity: { head: 0, middle: 0, tail: 0 },
    });
    model.warmUp(trained, 4);
    const before = model.bank.snapshot();
    const inspection = inspectBank(model, options)!;
    expect(inspection).toMatchObject({
      items: trained.length,
      age: { mean: 3, median: 3, max: 3 },
      coverageByPopularity: { head: 1, middle: 1, tail: 1 },
    });
    expect(inspection.staleness.mean).toBeCloseTo(1, 5);
    expect(inspection.coverage['liked']).toBeGreaterThan(0.5);
    expect(model.bank.snapshot()).toEqual(before); // Not even the counts of reads.
    trainingOf(model).run(batchOf([{ item: 1 }, { item: 2, label: 0 }], { long: 3 }), { step: 8 });
    expect(inspectBank(model, options)!.staleness.mean).toBeLessThan(1);
  });

  test('returns undefined for an id-only model', () => {
    const world = makeWorld({ events: 400 });
    const model = makeModel(tinyIdOnly(), world.catalogue);
    expect(inspectBank(model, { samples: world.samples, split: world.split, step: 0 })).toBeUndefined();
  });
});

test('encoding refuses chunks of no item', () => {
  const error = 'MultimodalRanker.encode: expected chunk to be a whole number from 1, got 0';
  expect(() => makeModel(tinyLemur()).encode(Int32Array.of(1), { chunk: 0 })).toThrow(error);
});

describe('a bank of another width', () => {
  const batch = batchOf([{ item: 1, history: [2] }]);
  const shared = tinyLemur({ content: { history: { kind: 'sharedFusion', rank: 2 } } });
  const width = DIM + 2 * (DIM + 1); // The item vector, and beside it an image token and a text token with their presence.

  test.each([
    ['stored vectors', tinyLemur(), DIM, DIM + 1],
    ['stored tokens', shared, width, DIM],
  ] as const)('is refused before a tensor is made: %s', (_, options, expected, given) => {
    const model = makeModel(options);
    const bank = new MemoryBank({ dim: given });
    const error = `expected a bank of width ${expected}, got ${given}`;
    expect(() => model.predict(batch, bank)).toThrow(`MultimodalRanker.predict: ${error}`);
    expect(() => model.replaceBank(bank)).toThrow(`MultimodalRanker.replaceBank: ${error}`);
    expect(() => model.bankRestorer(bank.snapshot())).toThrow(`MultimodalRanker.bankRestorer: ${error}`);
    expect(model.bank.dim).toBe(expected);
  });

  test('is not read by a model of ids alone', () => {
    const model = makeModel(tinyIdOnly());
    expect(model.predict(batch, new MemoryBank({ dim: 3 }))).toEqual(model.predict(batch, model.bank));
  });
});
