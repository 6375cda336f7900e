import { buildRetrievalData, groupByUser, hasItem, itemsOf, usersOf } from '@sifaka/retrieval';
import { describe, expect, it } from 'vitest';

const INPUT = {
  users: [7, 7, 3, 3, 7, 9, 3, 7, 7],
  items: [4, 1, 0, 2, 4, 1, 3, 2, 4],
  parts: [0, 0, 0, 1, 0, 2, 2, 1, 2],
};

describe('buildRetrievalData', () => {
  it('numbers users, separates parts, and counts what it leaves out', () => {
    const data = buildRetrievalData({ ...INPUT, numItems: 6 });
    expect([...data.userIds]).toEqual([3, 7]); // user 9 has no train interaction
    expect(data.numUsers).toBe(2);
    expect([...itemsOf(data.train, 0)]).toEqual([0]);
    expect([...itemsOf(data.train, 1)]).toEqual([1, 4]); // once, though given twice
    expect([...itemsOf(data.validation, 0)]).toEqual([2]);
    expect([...itemsOf(data.validation, 1)]).toEqual([2]);
    expect([...itemsOf(data.test, 0)]).toEqual([3]);
    expect([...itemsOf(data.test, 1)]).toEqual([]); // item 4 is in train
    expect(data.facts).toEqual({
      interactions: 9,
      repeated: 2,
      usersWithoutTrain: 1,
      interactionsWithoutTrain: 1,
      itemsWithoutTrain: 3,
      itemsWithout: {},
    });
  });

  it('keeps user ids beyond 32 bits', () => {
    const users = INPUT.users.map((user) => user + 2 ** 40);
    expect([...buildRetrievalData({ ...INPUT, users }).userIds]).toEqual([3 + 2 ** 40, 7 + 2 ** 40]);
  });

  it('takes the size of the catalogue from the features, or else from the largest item', () => {
    const features = { text: { dim: 2, values: new Float32Array(2 * 8).fill(1) } };
    expect(buildRetrievalData({ ...INPUT, features }).numItems).toBe(8);
    expect(buildRetrievalData(INPUT).numItems).toBe(5);
  });

  it('counts items that lack a modality', () => {
    const features = {
      image: { dim: 2, values: Float32Array.of(1, 0, 0, 0, 0, -1, 0, 0, 2, 2) },
      text: { dim: 1, values: Float32Array.of(1, 2, 3, 4, 5) },
    };
    expect(buildRetrievalData({ ...INPUT, features }).facts.itemsWithout).toEqual({ image: 2, text: 0 });
  });

  it.each([
    [{ items: [1] }, 'expected as many items and parts as users, 9, got 1 and 9'],
    [{ numItems: 4 }, 'interaction 0: expected an item below 4, got 4'],
    [{ parts: [3, 0, 0, 1, 0, 2, 2, 1, 2] }, 'interaction 0: expected part 0, 1 or 2, got 3'],
    [{ users: [-1, 7, 3, 3, 7, 9, 3, 7, 7] }, 'interaction 0: expected user to be a whole number from 0, got -1'],
    [{ items: [0.5, 1, 0, 2, 4, 1, 3, 2, 4] }, 'interaction 0: expected item to be a whole number from 0, got 0.5'],
    [{ parts: new Array(9).fill(1) }, 'expected at least one train interaction, got none'],
    [
      {
        features: {
          text: { dim: 2, values: new Float32Array(10).fill(1) },
          image: { dim: 3, values: new Float32Array(12) },
        },
      },
      'expected 5 × 3 features of image, got 12',
    ],
    [
      { features: { text: { dim: 1, values: Float32Array.of(0, 0, 0, Number.NaN, 0) } } },
      'expected finite features of text, got NaN for item 3',
    ],
    [
      { features: { text: { dim: 2, values: new Float32Array(10) } } },
      'expected an item with text, got features that are 0 for all 5 items',
    ],
    [{ features: { text: { dim: 0, values: new Float32Array(0) } }, numItems: 5 }, 'expected the width of text'],
  ])('refuses %j', (change, message) => {
    expect(() => buildRetrievalData({ ...INPUT, ...change })).toThrow(RangeError);
    expect(() => buildRetrievalData({ ...INPUT, ...change })).toThrow(message);
  });
});

describe('UserItems', () => {
  it('finds the items that it was given, and no others', () => {
    const users = [2, 0, 2, 2, 0];
    const items = [5, 1, 0, 5, 3];
    const grouped = groupByUser(4, users, items);
    expect([...grouped.starts]).toEqual([0, 2, 2, 4, 4]);
    expect([...grouped.items]).toEqual([1, 3, 0, 5]);
    expect([...usersOf(grouped)]).toEqual([0, 0, 2, 2]);
    for (let user = 0; user < 4; user++) {
      for (let item = 0; item < 7; item++) {
        const given = users.some((each, i) => each === user && items[i] === item);
        expect(hasItem(grouped, user, item)).toBe(given);
      }
    }
  });
});
