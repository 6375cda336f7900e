import { exportWeights } from '@sifaka/trainer';
import { fill, memory, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyIdOnly, tinyLemur, tinyTwoStage, trainingOf } from './small-world.js';
import { encoderGradients, gradientsUnder, norm } from './step-gradients.js';
import { changedRows, changedWeights, wholeState } from './whole-state.js';

const makeModel = modelMaker();

// Six rows, four distinct candidates (1, 2, 3, 4); items 10, 11, 12 occur in histories only.
const BATCH = batchOf([
  { user: 1, item: 1, history: [10, 11] },
  { user: 2, item: 2, label: 0, history: [12] },
  { user: 3, item: 3, history: [10, 1] },
  { user: 1, item: 1, label: 0, history: [10, 11] },
  { user: 5, item: 4 },
  { user: 2, item: 2, label: 0, history: [12, 10] },
]);

const FIRST_WEIGHTS = ['content.image.patches.weight', 'content.text.embedding', 'content.fusion.queries'];

describe('what a joint step trains', () => {
  test('the ranking loss alone changes the first weights of image, text, fusion and query encoders', () => {
    const model = makeModel(tinyLemur({ sqdc: { weight: 0 } }));
    const before = exportWeights(model);
    const result = trainingOf(model).run(BATCH, { step: 0 });
    const changed = changedWeights(before, exportWeights(model));
    expect(result.contrast).toBeNaN();
    expect(result.loss).toBe(result.ranking);
    expect(changed).toEqual(expect.arrayContaining([...FIRST_WEIGHTS, 'query.text.embedding', 'query.output.weight']));
    expect(changed.some((path) => path.startsWith('head.'))).toBe(true);
  });

  test('with frozen encoders, it changes the ranker only', () => {
    const model = makeModel(tinyLemur({ trainEncoders: false }));
    model.freezeEncoders(
      Int32Array.from({ length: 20 }, (_, item) => item),
      0,
    );
    const before = exportWeights(model);
    const { reads: _, readsAtWrite: __, ...bank } = model.bank.snapshot();
    const result = trainingOf(model).run(BATCH, { step: 0 });
    const changed = changedWeights(before, exportWeights(model));
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((path) => /^(content|query)\./.test(path))).toEqual([]);
    expect(result).toMatchObject({ learned: 0, refreshed: 0, contrast: Number.NaN });
    expect(model.bank.snapshot()).toMatchObject(bank); // Everything except the counts of reads.
  });

  test('a contrast step changes the encoders only, and no id row', () => {
    const model = makeModel(tinyTwoStage());
    const before = exportWeights(model);
    const result = trainingOf(model).runContrast(BATCH, { step: 0 });
    const after = exportWeights(model);
    const changed = changedWeights(before, after);
    expect(changed).toEqual(expect.arrayContaining([...FIRST_WEIGHTS, 'query.text.embedding']));
    expect(changed.filter((path) => !/^(content|query)\./.test(path))).toEqual([]);
    expect(after.users).toEqual(before.users);
    expect(after.items).toEqual(before.items);
    expect(result.ranking).toBeNaN();
    expect(result.loss).toBe(result.contrast);
  });

  test('the loss is the ranking loss plus λ times the contrast', () => {
    for (const weight of [0.1, 2]) {
      const { loss, ranking, contrast } = trainingOf(makeModel(tinyLemur({ sqdc: { weight } }))).run(BATCH, {
        step: 0,
      });
      expect(contrast).toBeGreaterThan(0);
      expect(loss).toBeCloseTo(ranking + weight * contrast, 4);
    }
  });

  test('without rankingTrainsEncoders, SQDC alone trains the encoders, and the ranker learns as before', () => {
    const stopped = makeModel(tinyLemur({ rankingTrainsEncoders: false, sqdc: { weight: 0.5 } }));
    const contrast = makeModel(tinyTwoStage({ sqdc: { weight: 0.5 } }));
    const ranking = trainingOf(stopped).run(BATCH, { step: 0 }).ranking;
    trainingOf(contrast).runContrast(BATCH, { step: 0 });
    const expected = gradientsUnder('content.', encoderGradients(contrast)).map((value) => 0.5 * value);
    expect(gradientsUnder('content.', encoderGradients(stopped))).toBeAllClose(expected, {
      rtol: 1e-3,
      atol: 1e-4 * norm(expected),
    });
    expect(ranking).toBe(trainingOf(makeModel(tinyLemur())).run(BATCH, { step: 0 }).ranking);

    const neither = makeModel(tinyLemur({ rankingTrainsEncoders: false, sqdc: { weight: 0 } }));
    const before = exportWeights(neither);
    trainingOf(neither).run(BATCH, { step: 0 });
    const changed = changedWeights(before, exportWeights(neither));
    expect(changed.filter((path) => /^(content|query)\./.test(path))).toEqual([]);
    expect(changed.some((path) => path.startsWith('head.'))).toBe(true);
  });

  test('without a liked row with a query, the contrast is 0, and joint and contrast steps work', () => {
    const nothing = batchOf([{ item: 1 }, { item: 2, label: 0, history: [10] }]);
    const joint = trainingOf(makeModel(tinyLemur())).run(nothing, { step: 0 });
    expect(joint).toMatchObject({ contrast: 0, loss: joint.ranking, skipped: false });
    const model = makeModel(tinyTwoStage());
    const before = exportWeights(model);
    expect(trainingOf(model).runContrast(nothing, { step: 0 })).toMatchObject({ loss: 0, skipped: false });
    expect(changedWeights(before, exportWeights(model))).toEqual([]);
  });

  test('a learning rate of zero changes no weight', () => {
    const model = makeModel(tinyLemur());
    const before = exportWeights(model);
    trainingOf(model).run(BATCH, { step: 0, rate: 0 });
    const after = exportWeights(model);
    expect(changedWeights(before, after)).toEqual([]);
    expect(after.items.values).toEqual(before.items.values);
  });

  test('only the id rows of the batch change, those of histories included', () => {
    for (const options of [tinyLemur(), tinyIdOnly()]) {
      const model = makeModel(options);
      const before = exportWeights(model);
      trainingOf(model).run(BATCH, { step: 0 });
      const after = exportWeights(model);
      expect(changedRows(before, after, 'users')).toEqual([2, 3, 4, 6]);
      // Row 0 is read as padding, but masked: its gradient is zero.
      expect(changedRows(before, after, 'items')).toEqual([2, 3, 4, 5, 11, 12, 13]);
      expect(after.users.updates[1]).toBe(0);
      expect(after.items.updates[2]).toBe(1);
    }
  });

  test('hidden ids train the unknown row', () => {
    const model = makeModel(tinyIdOnly({ userDropout: 1, itemDropout: 1 }));
    const before = exportWeights(model);
    trainingOf(model).run(BATCH, { step: 0 });
    const after = exportWeights(model);
    expect(changedRows(before, after, 'users')).toEqual([0]);
    // Ids of histories are not hidden.
    expect(changedRows(before, after, 'items')).toEqual([0, 2, 11, 12, 13]);
  });
});

describe('what a joint step encodes', () => {
  test('an item that occurs several times in the batch is encoded and written once', () => {
    const model = makeModel(tinyLemur());
    const result = trainingOf(model).run(BATCH, { step: 3 });
    expect(result).toMatchObject({ candidates: 4, learned: 4, refreshed: 0 });
    const { ids, steps, versions } = model.bank.snapshot();
    expect([...ids].sort(ascending)).toEqual([1, 2, 3, 4]);
    expect([...steps, ...versions]).toEqual([3, 3, 3, 3, 1, 1, 1, 1]);
  });

  test('the bank gets the vectors from before the update', () => {
    const model = makeModel(tinyLemur());
    const before = model.encode(Int32Array.of(1, 2, 3, 4));
    const { stalenessCosine } = trainingOf(model).run(BATCH, { step: 0 });
    expect(stalenessCosine).toBeNaN(); // No vector was replaced.
    expect(model.bank.read([1, 2, 3, 4]).vectors).toBeAllClose(before, { atol: 1e-4 });
    expect(trainingOf(model).run(BATCH, { step: 1, rate: 0 }).stalenessCosine).toBeGreaterThan(0.5);
    expect(trainingOf(model).run(BATCH, { step: 2, rate: 0 }).stalenessCosine).toBeCloseTo(1, 5);
  });

  test('the same seed gives the same numbers, another seed others', () => {
    const run = (seed: number) => {
      const model = makeModel(tinyLemur({ seed, userDropout: 0.3, sampling: { forward: 0.5, backward: 0.5 } }));
      const results = [0, 1, 2].map((step) => trainingOf(model).run(BATCH, { step }).loss);
      return { results, state: wholeState(trainingOf(model)) };
    };
    expect(run(5)).toEqual(run(5));
    expect(run(5).results).not.toEqual(run(6).results);
  });
});

describe('a step whose loss is not finite', () => {
  const poisons = { NaN: Number.NaN, 'an overflow': 3e38 };
  for (const [name, poison] of Object.entries(poisons)) {
    test(`is skipped and changes nothing: ${name} in a user's row`, () => {
      const model = makeModel(tinyLemur());
      trainingOf(model).run(BATCH, { step: 0 });
      const { users } = model.tables;
      users.values.fill(poison, 2 * users.dim, 3 * users.dim); // User 1's row.
      const before = wholeState(trainingOf(model));
      const result = trainingOf(model).run(BATCH, { step: 1 });
      expect(result.skipped).toBe(true);
      expect(Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm)).toBe(false);
      expect(wholeState(trainingOf(model))).toEqual(before);
    });
  }

  test('or a finite loss whose gradient is not', () => {
    const model = makeModel(tinyLemur());
    const head = model.parameters.get('head.head.weight')!;
    tidy(() => head.assign(fill(head.shape, 1e25)));
    const before = wholeState(trainingOf(model));
    const { skipped, loss, gradientNorm } = trainingOf(model).run(BATCH, { step: 0 });
    expect({ skipped, loss: Number.isFinite(loss), gradient: Number.isFinite(gradientNorm) }).toEqual({
      skipped: true,
      loss: true,
      gradient: false,
    });
    expect(wholeState(trainingOf(model))).toEqual(before);
  });

  test('does not prevent the next step from training', () => {
    const model = makeModel(tinyLemur());
    model.tables.users.values.fill(Number.NaN, 2 * model.tables.users.dim, 3 * model.tables.users.dim);
    expect(trainingOf(model).run(BATCH, { step: 0 }).skipped).toBe(true);
    expect(model.bank.size).toBe(0);
    const others = batchOf([
      { user: 7, item: 1, history: [10] },
      { user: 8, item: 2, label: 0 },
    ]);
    expect(trainingOf(model).run(others, { step: 1 })).toMatchObject({ skipped: false });
    expect(model.bank.size).toBe(2);
  });
});

describe('tensors', () => {
  test('every kind of step leaks none', () => {
    const joint = tinyLemur({ sampling: { forward: 0.5, backward: 0.25 } });
    const kinds = [
      { model: makeModel(joint), method: 'run' },
      { model: makeModel(tinyTwoStage()), method: 'runContrast' },
      { model: makeModel(tinyTwoStage()), method: 'run' },
      { model: makeModel(tinyIdOnly()), method: 'run' },
    ] as const;
    for (const { model, method } of kinds) {
      const training = trainingOf(model);
      training[method](BATCH, { step: 0 }); // Without a fused AdamW, the engine gets its rates here.
      for (let step = 1; step < 3; step++) {
        const before = memory().numTensors;
        training[method](BATCH, { step });
        expect(memory().numTensors - before).toBe(0);
      }
      model.tables.users.values.fill(Number.NaN);
      const before = memory().numTensors;
      training[method](BATCH, { step: 3 });
      expect(memory().numTensors - before).toBe(0);
    }
  });

  test('a batch that does not fit is refused, and leaks none', () => {
    const model = makeModel(tinyLemur());
    const training = trainingOf(model);
    const before = memory().numTensors;
    expect(() => training.run(batchOf([{ item: 40 }]), { step: 0 })).toThrow(
      /items: expected ids from 0 to 39, got 40 at 0/,
    );
    expect(() => training.run(batchOf([{ item: 1, user: 30 }]), { step: 0 })).toThrow(
      /users: expected ids from -1 to 29, got 30 at 0/,
    );
    const short = batchOf([{ item: 1, history: [2] }], { liked: 3 });
    expect(() => training.run(short, { step: 0 })).toThrow(/run: expected a history named liked of length 4 .*, got 3/);
    expect(() => model.predict(short, model.encodeBank(Int32Array.of(1, 2)))).toThrow(
      /predict: expected a history named liked of length 4 .*, got 3/,
    );
    const idOnly = makeModel(tinyIdOnly());
    expect(() => trainingOf(idOnly).runContrast(BATCH, { step: 0 })).toThrow(/expected a model with content/);
    expect(() => idOnly.encode(Int32Array.of(1))).toThrow(/expected a model with content/);
    trainingOf(idOnly).dispose();
    idOnly.dispose();
    expect(memory().numTensors - before).toBe(0);
  });
});

function ascending(a: number, b: number): number {
  return a - b;
}
