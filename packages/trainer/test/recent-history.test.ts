import { MemoryBank } from '@sifaka/memory-bank';
import { exportWeights, feedbackFeatures, historiesOf, type RankerOptions } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { bankWith, vectorOf } from './small-bank.js';
import { batchOf, DIM, modelMaker, PROJECTED, type Row, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { changedRows, changedWeights } from './whole-state.js';

const makeModel = modelMaker();
type Recent = NonNullable<Row['recent']>;

/** A new model's score of item 1 for a user who likes item 2 and has these recent events. */
function scoreAfter(recent: Recent, options: RankerOptions, bank = bankWith()): number {
  const model = makeModel(options);
  const disliked = [6, 9].map((item, user) => ({ user, item, label: 0, recent: [[item, 0]] }) as const);
  trainingOf(model).run(batchOf(disliked), { step: 0 }); // Ids that were never trained all read the unknown row.
  return model.predict(batchOf([{ item: 1, history: [2], recent }]), bank)[0]!;
}

describe('feedbackFeatures', () => {
  test('of likes: how many there are. Of all events: share of likes, how many likes and dislikes, each label in order', () => {
    const { liked, recent } = batchOf(
      [
        {
          item: 1,
          history: [2, 3],
          recent: [
            [5, 1],
            [6, 0],
            [7, 1],
            [8, 1],
          ],
        },
        { item: 1 },
        { item: 1, recent: [[5, 0]] },
      ],
      { recent: 6 },
    ).histories;
    const features = feedbackFeatures([liked!, recent!]);
    expect(features.shape).toEqual([3, 1 + 3 + 6]);
    const expected = [
      ...[Math.log(3), 4 / 6, Math.log(4), Math.log(2), 1, -1, 1, 1, 0, 0],
      ...[0, 1 / 2, 0, 0, 0, 0, 0, 0, 0, 0],
      ...[0, 1 / 3, 0, Math.log(2), -1, 0, 0, 0, 0, 0],
    ];
    expect(features.dataSync()).toBeAllClose(expected);
    features.dispose();
  });

  for (const disliked of [{}, { length: 0 }]) {
    const sequences = { disliked };
    test(`tell ids alone and LEMUR on blank contents how many likes there are, sequences ${JSON.stringify(sequences)}`, () => {
      // A repeated like changes no mean over ids, and blank items have equal vectors.
      const scores = (options: RankerOptions, blank: boolean) => {
        const model = makeModel(options);
        const bank = new MemoryBank({ dim: DIM });
        for (let item = 0; item < 20; item++) bank.write([item], vectorOf(blank ? 0 : item), 0);
        const likes = [[], [2], [2, 2], [2, 2, 2]];
        return [...model.predict(batchOf(likes.map((history) => ({ item: 1, history }))), bank)];
      };
      for (const [options, blank] of [
        [tinyIdOnly({ sequences }), false],
        [tinyLemur({ sequences }), true],
      ] as const) {
        expect(new Set(scores(options, blank)).size).toBe(4);
      }
    });
  }
});

describe('the recent history', () => {
  for (const [name, options] of Object.entries({ lemur: tinyLemur(), idOnly: tinyIdOnly() })) {
    test(`${name}: reads which items were disliked, and how many were liked`, () => {
      const score = scoreAfter(
        [
          [6, 0],
          [7, 1],
        ],
        options,
      );
      expect(
        scoreAfter(
          [
            [9, 0],
            [7, 1],
          ],
          options,
        ),
      ).not.toBe(score);
      expect(scoreAfter([[6, 0]], options)).not.toBe(score);
      expect(
        scoreAfter(
          [
            [6, 0],
            [7, 1],
            [8, 1],
          ],
          options,
        ),
      ).not.toBe(score);
      expect(
        scoreAfter(
          [
            [6, 0],
            [8, 1],
          ],
          options,
        ),
      ).toBe(score); // The history of likes names the items.
    });

    test(`${name}: reads the order of likes and dislikes`, () => {
      // The same items with the same labels, of which a decoder as printed does not see the order.
      const [disliked, liked, alsoLiked] = [[6, 0] as const, [7, 1] as const, [8, 1] as const];
      const orders = [
        [disliked, liked, alsoLiked],
        [liked, disliked, alsoLiked],
        [liked, alsoLiked, disliked],
      ];
      expect(new Set(orders.map((recent) => scoreAfter(recent, options))).size).toBe(3);
    });

    test(`${name}: trains the rows of disliked items, not those of liked ones`, () => {
      const model = makeModel(options);
      const before = exportWeights(model);
      model.replaceBank(bankWith());
      const rows = [
        {
          user: 1,
          item: 1,
          recent: [
            [6, 0],
            [7, 1],
          ],
        },
        { user: 2, item: 2, label: 0, recent: [[9, 0]] },
      ] as const satisfies Row[];
      const { skipped, gradientNorm } = trainingOf(model).run(batchOf(rows), { step: 0 });
      expect([skipped, Number.isFinite(gradientNorm)]).toEqual([false, true]);
      const after = exportWeights(model);
      expect(changedRows(before, after, 'items')).toEqual([2, 3, 7, 10]);
      expect([...after.items.updates].flatMap((count, row) => (count > 0 ? [row] : []))).toEqual(
        expect.arrayContaining([2, 3, 7, 10]),
      );
      expect(after.items.updates[8]).toBe(0);
    });
  }

  test('reads the vectors of disliked items from the bank, not those of liked ones', () => {
    const recent = [
      [6, 0],
      [7, 1],
    ] as const;
    const score = scoreAfter(recent, tinyLemur());
    expect(scoreAfter(recent, tinyLemur(), bankWith(6))).not.toBe(score);
    expect(scoreAfter(recent, tinyLemur(), bankWith(7))).toBe(score);
    const model = makeModel(tinyLemur());
    model.replaceBank(bankWith());
    const batch = batchOf([
      {
        item: 1,
        history: [2],
        recent: [
          [6, 0],
          [7, 1],
          [30, 0],
        ],
      },
    ]);
    expect(trainingOf(model).run(batch, { step: 0 })).toMatchObject({ historyFound: 2, historyMissing: 1 });
  });

  test('trains both decoders over disliked items, and the loss falls', () => {
    const model = makeModel(
      tinyLemur({
        sequences: { liked: PROJECTED, disliked: PROJECTED },
        sqdc: { weight: 0 },
        optimizer: { learningRate: 3e-3 },
      }),
    );
    model.replaceBank(bankWith());
    // The rows differ in the disliked items only.
    const batch = batchOf([
      { item: 1, recent: [[6, 0]] },
      { item: 1, label: 0, recent: [[9, 0]] },
    ]);
    const before = exportWeights(model);
    const first = trainingOf(model).run(batch, { step: 0 });
    const changed = changedWeights(before, exportWeights(model));
    for (const decoder of ['dislikedIds.', 'dislikedHistory.']) {
      expect(changed.some((path) => path.startsWith(decoder))).toBe(true);
    }
    let last = first;
    for (let step = 1; step < 40; step++) last = trainingOf(model).run(batch, { step });
    expect(last.ranking).toBeLessThan(0.5 * first.ranking);
  });

  test('is not read by a model without the sequence, even if the batch has it', () => {
    for (const options of [
      tinyLemur({ sequences: { disliked: { length: 0 } } }),
      tinyIdOnly({ sequences: { disliked: { length: 0 } } }),
    ]) {
      const model = makeModel(options);
      expect([...model.parameters.keys()].filter((path) => path.startsWith('disliked'))).toEqual([]);
      expect(historiesOf(options)).toEqual({ liked: { length: 4, skip: 0, events: 'positive' } });
      const rows = [
        { item: 1, history: [2] },
        { item: 3, user: 1, label: 0 },
      ] as const satisfies Row[];
      const withRecent = batchOf(
        rows.map((row) => ({
          ...row,
          recent: [
            [6, 0],
            [7, 1],
          ] as const,
        })),
      );
      expect(model.predict(withRecent, bankWith())).toEqual(model.predict(batchOf(rows, { recent: 0 }), bankWith()));
      const before = exportWeights(model);
      trainingOf(model).run(withRecent, { step: 0 });
      const after = exportWeights(model);
      expect(changedRows(before, after, 'items')).toEqual([2, 3, 4]);
      expect(after.items.updates[7]).toBe(0);
    }
  });

  test('is refused by name if it is missing, too short or of likes alone', () => {
    const model = makeModel(tinyLemur());
    const batch = batchOf([{ item: 1 }]);
    const step = (recent: Partial<(typeof batch.histories)[string]>) => () =>
      trainingOf(model).run(
        { ...batch, histories: { ...batch.histories, recent: { ...batch.histories['recent']!, ...recent } } },
        { step: 0 },
      );
    expect(() => trainingOf(model).run(batchOf([{ item: 1 }], { recent: 0 }), { step: 0 })).toThrow(
      'TrainingStep.run: expected a history named recent of length 3 (see historiesOf), got none',
    );
    expect(step({ length: 2 })).toThrow('expected a history named recent of length 3 (see historiesOf), got 2');
    expect(step({ events: 'positive' })).toThrow(
      'expected a history named recent of all events (see historiesOf), got positive',
    );
  });
});
