import {
  assertNoLeakage,
  assertTrainable,
  buildSamples,
  coldItems,
  itemPopularity,
  LabelError,
  LeakageError,
  type Samples,
  type Split,
  splitByTime,
  splitByUserTime,
  splitLeaveLastOut,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const samples = buildSamples(interactionsOf(madeUpEvents(600)));
const at = (timestamp: number, user = '1', item = `${timestamp}`) => ({ user, item, rating: 5, timestamp });
const times = (of: Samples, part: Int32Array) => Array.from(part, (sample) => of.timestamps[sample]!);

describe.each([
  ['splitByTime', (of: Samples) => splitByTime(of)],
  ['splitByUserTime', (of: Samples) => splitByUserTime(of)],
  ['splitLeaveLastOut', (of: Samples) => splitLeaveLastOut(of)],
])('%s', (_, split) => {
  it('puts every sample into exactly one part, ascending', () => {
    const { train, validation, test } = split(samples);
    const all = [...train, ...validation, ...test];
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: samples.length }, (__, i) => i));
    for (const part of [train, validation, test]) expect(part).toEqual(part.slice().sort());
  });

  it('passes assertNoLeakage', () => {
    assertNoLeakage(samples, split(samples));
  });

  it('warns about empty parts', () => {
    const tiny = buildSamples(interactionsOf([at(1), at(1, '2')]));
    const { warnings } = split(tiny);
    expect(warnings).toContain('the test part is empty');
    expect(warnings).toContain('all 2 events are of one time, and a split by time keeps them together');
    const late = split(buildSamples(interactionsOf([at(1), at(2), at(2, '2')]))).warnings;
    expect(late).toContain('the last 2 of 3 events are of one time, and a split by time keeps them together');
    const apart = split(buildSamples(interactionsOf([at(1), at(2, '2')]))).warnings;
    expect(apart).not.toContainEqual(expect.stringContaining('of one time'));
  });
});

describe('splitByTime', () => {
  it('cuts at 80 % and 90 % if timestamps differ', () => {
    const events = Array.from({ length: 20 }, (_, i) => ({ ...at(i), rating: i % 2 === 0 ? 5 : 1 }));
    const distinct = buildSamples(interactionsOf(events));
    const { train, validation, test, kind, warnings } = splitByTime(distinct);
    expect([train.length, validation.length, test.length]).toEqual([16, 2, 2]);
    expect([kind, warnings]).toEqual(['globalTime', []]);
  });

  it('is robust to rounding: 0.7 + 0.2 < 0.9', () => {
    const hundred = buildSamples(interactionsOf(Array.from({ length: 100 }, (_, i) => at(i))));
    expect(splitByTime(hundred, { train: 0.7, validation: 0.2 }).test.length).toBe(10);
  });

  it('moves a boundary forward until the timestamp changes', () => {
    const events = [1, 2, 3, 4, 5, 6, 7, 8, 8, 9].map((time, i) => at(time, '1', `${i}`));
    const tied = buildSamples(interactionsOf(events));
    const { train, validation, test } = splitByTime(tied);
    expect(times(tied, train)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 8]);
    expect([validation.length, times(tied, test)]).toEqual([0, [9]]);
    const late = buildSamples(interactionsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 9].map((time, i) => at(time, '1', `${i}`))));
    expect([times(late, splitByTime(late).validation), splitByTime(late).test.length]).toEqual([[9, 9], 0]);
  });

  it('leaks nothing', () => {
    const { leakage } = splitByTime(samples);
    expect(leakage).toEqual({ trainAfterFirstTest: 0, trainAfterFirstValidation: 0, testItemsTrainedLater: 0 });
  });

  it('refuses impossible fractions', () => {
    expect(() => splitByTime(samples, { train: 0.9, validation: 0.2 })).toThrow('got train 0.9, validation 0.2');
    expect(() => splitByTime(samples, { train: -0.1 })).toThrow(RangeError);
    expect(() => splitByTime(samples, { train: 1, validation: 0 })).toThrow('got train 1, validation 0');
    expect(() => splitByUserTime(samples, { test: Number.NaN })).toThrow(RangeError);
  });
});

describe('splits within users', () => {
  // User 1 has 20 events at 0 … 19, user 2 has 10 at 100 … 109, user 3 two at 200 and 201.
  const events = [
    ...Array.from({ length: 20 }, (_, i) => at(i, '1')),
    ...Array.from({ length: 10 }, (_, i) => at(100 + i, '2')),
    ...[200, 201].map((time) => at(time, '3', '19')),
  ];
  const users = buildSamples(interactionsOf(events));

  it('splitByUserTime: the last floor(10 %) for test, the floor(10 %) before them for validation', () => {
    const { test, validation } = splitByUserTime(users);
    expect(times(users, test)).toEqual([18, 19, 109]);
    expect(times(users, validation)).toEqual([16, 17, 108]);
  });

  it('splitLeaveLastOut: one event each, but none of users with fewer than three', () => {
    const { test, validation } = splitLeaveLastOut(users);
    expect(times(users, test)).toEqual([19, 109]);
    expect(times(users, validation)).toEqual([18, 108]);
  });

  it('measures the leakage and warns about it', () => {
    const { leakage, warnings } = splitLeaveLastOut(users);
    // Of 28 train events the 8 of user 2 and the 2 of user 3 are after time 19; item 19 is tested, and trained at 200.
    expect(leakage.trainAfterFirstTest).toBe(10 / 28);
    expect(leakage.trainAfterFirstValidation).toBe(10 / 28);
    expect(leakage.testItemsTrainedLater).toBe(1 / 2);
    expect(warnings[0]).toContain('leaveLastOut trains on the future of other users: 35.7 % of train events');
  });

  it('counts events that are later than a boundary, not those at its own time', () => {
    // User 1 is trained at 0, validated at 1 and tested at 2; user 2 is trained at 1, 2 and 3, with item x at 2.
    const events = [
      ...[at(0, '1'), at(1, '1'), at(2, '1', 'x')],
      ...[at(1, '2'), at(2, '2', 'x'), at(3, '2'), at(8, '2'), at(9, '2')],
    ];
    expect(splitLeaveLastOut(buildSamples(interactionsOf(events))).leakage).toEqual({
      trainAfterFirstTest: 1 / 4,
      trainAfterFirstValidation: 2 / 4,
      testItemsTrainedLater: 0,
    });
  });
});

describe('assertNoLeakage', () => {
  const good = splitByTime(samples);
  const fails = (of: Samples, split: Split): LeakageError => {
    try {
      assertNoLeakage(of, split);
    } catch (error) {
      if (LeakageError.isInstance(error)) return error;
      throw error;
    }
    throw new Error('expected a LeakageError');
  };

  it('refuses a test event in train', () => {
    const late = good.test[5]!;
    expect(fails(samples, { ...good, train: Int32Array.from([...good.train, late]) }).sample).toBe(late);
    const moved = { ...good, train: Int32Array.from([...good.train, late]), test: good.test.filter((s) => s !== late) };
    expect(fails(samples, moved).message).toContain('expected validation to be later than all before it');
  });

  it('refuses one timestamp on both sides of a boundary', () => {
    const burst = buildSamples(interactionsOf([at(1), at(2, '1'), at(2, '2'), at(3)]));
    const split = { ...good, train: Int32Array.of(0, 1), validation: Int32Array.of(2), test: Int32Array.of(3) };
    expect(fails(burst, split).sample).toBe(2);
    expect(fails(burst, { ...split, validation: Int32Array.of(), test: Int32Array.of(2, 3) }).sample).toBe(2);
  });

  it('refuses a user’s later event in train where the split is by user', () => {
    const split = splitLeaveLastOut(samples);
    const [test, train] = [
      split.test[0]!,
      split.train.findLast((s) => samples.users[s] === samples.users[split.test[0]!])!,
    ];
    const swap = (part: Int32Array, from: number, to: number) => part.map((s) => (s === from ? to : s)).sort();
    const swapped = { ...split, train: swap(split.train, train, test), test: swap(split.test, test, train) };
    expect(fails(samples, swapped).message).toContain(`of user ${samples.users[test]} not before`);
  });

  it('refuses a history that holds the sample itself, one that is incomplete, and one in another order', () => {
    const withHistory = (history: Samples['history']): Samples => ({ ...samples, history });
    const own = withHistory((sample, target, offset, length) => {
      const count = samples.history(sample, target, offset + 1, length - 1);
      target[offset] = samples.items[sample]!;
      return count + 1;
    });
    expect(fails(own, good).message).toContain('expected 0 items in the history liked of sample 0, got 1');
    const short = withHistory((sample, target, offset, length) => {
      samples.history(sample, target, offset, length);
      target.fill(-1, offset, offset + length);
      return 0;
    });
    expect(fails(short, good).message).toMatch(/expected \d items in the history liked of sample \d+, got 0/);
    const oldestFirst = withHistory((sample, target, offset, length) => {
      const count = samples.history(sample, target, offset, length);
      target.subarray(offset, offset + count).reverse();
      return count;
    });
    expect(fails(oldestFirst, good).message).toMatch(/at position 0 of the history liked/);
  });

  it('refuses samples that do not exist', () => {
    expect(fails(samples, { ...good, test: Int32Array.of(600) }).message).toContain(
      'sample 600 of test does not exist',
    );
  });
});

describe('parts of one class', () => {
  const rated = (ratings: readonly number[]) =>
    buildSamples(interactionsOf(ratings.map((rating, i) => ({ ...at(i), rating }))));
  const labelError = (of: Samples): LabelError => {
    try {
      assertTrainable(of, splitByTime(of));
    } catch (error) {
      if (LabelError.isInstance(error)) return error;
      throw error;
    }
    throw new Error('expected a LabelError');
  };

  it('assertTrainable refuses a train part without liked or without disliked samples', () => {
    const disliked = labelError(rated([1, 1, 1, 1, 1, 1, 1, 1, 5, 5]));
    expect(disliked.message).toBe(
      'assertTrainable: expected liked and disliked samples in the train part, got 0 liked and 8 disliked. ' +
        'Set the option positive of buildSamples: by default a rating from 4 is liked',
    );
    expect(disliked).toMatchObject({ liked: 0, disliked: 8 });
    const liked = labelError(rated([5, 5, 5, 5, 5, 5, 5, 5, 1, 1]));
    expect(liked).toMatchObject({ liked: 8, disliked: 0 });
    expect(liked.message).toContain('Plain events are all liked: add disliked ones');
    expect(labelError(rated([]))).toMatchObject({ liked: 0, disliked: 0 });
  });

  it('assertTrainable accepts one of each kind', () => {
    const mixed = rated([1, 1, 1, 1, 1, 1, 1, 5, 5, 5]);
    assertTrainable(mixed, splitByTime(mixed));
  });

  it('are warned of', () => {
    expect(splitByTime(rated([1, 1, 1, 1, 1, 1, 5, 1, 5, 1])).warnings).toEqual([
      'the validation part has 1 liked and 0 disliked samples, so its AUC is not a number',
      'the test part has 0 liked and 1 disliked samples, so its AUC is not a number',
    ]);
    expect(splitByTime(rated([1, 1, 1, 1, 1, 1, 1, 1, 1, 5])).warnings[0]).toContain(
      'the train part has 0 liked and 8',
    );
  });
});

describe('coldItems and itemPopularity', () => {
  it('count events in train only, and include items of the catalogue without events', () => {
    const events = [at(1, '1', 'a'), at(2, '1', 'a'), at(3, '1', 'b'), at(4, '1', 'later'), at(5, '1', 'c')];
    const of = buildSamples(interactionsOf(events, ['a', 'b', 'c', 'later', 'never']));
    const split = splitByTime(of, { train: 0.6, validation: 0.2 });
    expect([...itemPopularity(of, split.train)]).toEqual([2, 1, 0, 0, 0]);
    expect([...coldItems(of, split)]).toEqual([0, 0, 1, 1, 1]);
  });
});
