import { allowedByAll, exposedMask, historyMask, type NegativeMask, sameItemMask, sessionMask } from '@sifaka/losses';
import { describe, expect, it } from 'vitest';

const rowsOf = ({ queries, candidates, values }: NegativeMask): number[][] =>
  Array.from({ length: queries }, (_, i) => Array.from(values.subarray(i * candidates, (i + 1) * candidates)));

describe('sessionMask', () => {
  it("is the paper's A, entry by entry: 0 where i ≠ j and QID_i = QID_j", () => {
    const sessions = [7, 3, 7, 3, 9];
    expect(rowsOf(sessionMask(sessions, sessions, [0, 1, 2, 3, 4]))).toEqual([
      [1, 1, 0, 1, 1],
      [1, 1, 1, 0, 1],
      [0, 1, 1, 1, 1],
      [1, 0, 1, 1, 1],
      [1, 1, 1, 1, 1],
    ]);
  });

  it('keeps the positive at any index when there are fewer queries than candidates', () => {
    // Rows 1 and 3 of five are queries; all five are candidates.
    expect(rowsOf(sessionMask([3, 3], [7, 3, 7, 3, 3], [1, 3]))).toEqual([
      [1, 1, 1, 0, 0],
      [1, 0, 1, 1, 0],
    ]);
  });

  it('leaves each query only its positive in one session, and masks nothing if all sessions differ', () => {
    expect(rowsOf(sessionMask([5, 5, 5], [5, 5, 5], [0, 1, 2]))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(sessionMask([1, 2, 3], [1, 2, 3], [0, 1, 2]).values).toEqual(new Uint8Array(9).fill(1));
  });

  it('a row without a session equals no other row', () => {
    expect(sessionMask([-1, -1], [-1, -1], [0, 1]).values).toEqual(new Uint8Array(4).fill(1));
  });

  it('takes typed arrays', () => {
    const mask = sessionMask(Int32Array.of(1, 1), Int32Array.of(1, 1), Int32Array.of(0, 1));
    expect(rowsOf(mask)).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('sameItemMask', () => {
  it('masks other rows that hold the positive item', () => {
    expect(rowsOf(sameItemMask([40, 41], [40, 41, 40, 42], [0, 1]))).toEqual([
      [1, 1, 0, 1],
      [1, 1, 1, 1],
    ]);
  });
});

describe('historyMask', () => {
  it("masks items that each query's user liked before, never the positive", () => {
    expect(rowsOf(historyMask([[40, 42, 99], [], [41]], [40, 41, 42], [0, 1, 1]))).toEqual([
      [1, 1, 0],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('ignores the padding of histories', () => {
    expect(rowsOf(historyMask([Int32Array.of(-1, 41)], [40, 41], [0]))).toEqual([[1, 0]]);
    expect(rowsOf(historyMask([Int32Array.of(-1, 41)], [40, 41, -1], [0]))).toEqual([[1, 0, 1]]);
  });
});

describe('exposedMask', () => {
  // User 1 was shown items 40 (liked), 41 and 42 (not liked); user 2 items 41 (liked) and 40 (rejected).
  const shown = { users: [1, 1, 1, 2, 2], items: [40, 41, 42, 41, 40], labels: [1, 0, 0, 1, 0] };

  it('masks items that the user was shown and did not like, even in rows of other users', () => {
    expect(rowsOf(exposedMask([1, 2], [40, 41, 43, 42], [0, 1], shown))).toEqual([
      [1, 0, 1, 0],
      [0, 1, 1, 1],
    ]);
  });

  it('keeps rejected items as negatives, and always keeps the positive', () => {
    const rejected = { ...shown, disliked: [0, 0, 0, 0, 1] };
    expect(rowsOf(exposedMask([2], [40, 41], [1], rejected))).toEqual([[1, 1]]);
    expect(rowsOf(exposedMask([1], [40, 41], [1], shown))).toEqual([[1, 1]]);
  });

  it('takes unknown users (−1) for different ones', () => {
    const unknown = { users: [-1, -1], items: [40, 41], labels: [1, 0] };
    expect(rowsOf(exposedMask([-1], [40, 41], [0], unknown))).toEqual([[1, 1]]);
    expect(rowsOf(exposedMask([0], [40, 41], [0], { ...unknown, users: [0, 0] }))).toEqual([[1, 0]]);
  });

  it('masks nothing for a user without exposures', () => {
    expect(exposedMask([3], [40, 41], [0], shown).values).toEqual(new Uint8Array(2).fill(1));
  });
});

describe('allowedByAll', () => {
  const session = sessionMask([1, 1, 2], [1, 1, 2], [0, 1, 2]);
  const item = sameItemMask([8, 9, 8], [8, 9, 8], [0, 1, 2]);

  it('keeps a candidate that every mask keeps', () => {
    expect(rowsOf(allowedByAll(session, item))).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [0, 1, 1],
    ]);
  });

  it('is independent of order and repetition, and does not change its arguments', () => {
    const before = Uint8Array.from(session.values);
    const both = allowedByAll(session, item).values;
    expect(allowedByAll(item, session).values).toEqual(both);
    expect(allowedByAll(session, item, session, item).values).toEqual(both);
    expect(allowedByAll(session)).toEqual(session);
    expect(session.values).toEqual(before);
  });

  it('names both sizes when they differ', () => {
    expect(() => allowedByAll(session, sessionMask([1, 2], [1, 2, 3], [0, 1]))).toThrow(
      'allowedByAll: expected 3 × 3, got 2 × 3',
    );
  });
});

describe('every mask', () => {
  it('takes one byte per pair, and refuses more pairs than maxPairs before it allocates', () => {
    expect(sessionMask([1], [1], [0]).values.byteLength).toBe(1);
    const keys = new Int32Array(10_000);
    const histories = Array.from(keys, () => [1]);
    const message = (where: string) =>
      `${where}: expected at most 67108864 pairs (maxPairs), got 10000 queries × 10000 candidates = 100000000`;
    expect(() => sessionMask(keys, keys, keys)).toThrow(message('sessionMask'));
    expect(() => sameItemMask(keys, keys, keys)).toThrow(message('sameItemMask'));
    expect(() => historyMask(histories, keys, keys)).toThrow(message('historyMask'));
    expect(() => exposedMask(keys, keys, keys, { users: [], items: [], labels: [] })).toThrow(message('exposedMask'));
    expect(() => sessionMask([1, 2], [1, 2], [0, 1], { maxPairs: 3 })).toThrow('sessionMask: expected at most 3 pairs');
    expect(sessionMask([1, 2], [1, 2], [0, 1], { maxPairs: 4 }).values.length).toBe(4);
  });
});
