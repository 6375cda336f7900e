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

  it('keeps the positive wherever it stands, when queries are fewer than candidates', () => {
    // Rows 1 and 3 of five ask; all five are offered.
    expect(rowsOf(sessionMask([3, 3], [7, 3, 7, 3, 3], [1, 3]))).toEqual([
      [1, 1, 1, 0, 0],
      [1, 0, 1, 1, 0],
    ]);
  });

  it('leaves each query its positive alone when there is one session, and everything when all differ', () => {
    expect(rowsOf(sessionMask([5, 5, 5], [5, 5, 5], [0, 1, 2]))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(sessionMask([1, 2, 3], [1, 2, 3], [0, 1, 2]).values).toEqual(new Float32Array(9).fill(1));
  });

  it('a row of no session is equal to nobody', () => {
    expect(sessionMask([-1, -1], [-1, -1], [0, 1]).values).toEqual(new Float32Array(4).fill(1));
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
  it("masks what each query's user liked before, never the positive itself", () => {
    expect(rowsOf(historyMask([[40, 42, 99], [], [41]], [40, 41, 42], [0, 1, 1]))).toEqual([
      [1, 1, 0],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('ignores the padding of histories', () => {
    expect(rowsOf(historyMask([Int32Array.of(-1, 41)], [40, 41], [0]))).toEqual([[1, 0]]);
  });
});

describe('exposedMask', () => {
  // User 1 was shown items 40 (liked), 41 and 42 (passed over); user 2 items 41 (liked) and 40 (rejected).
  const shown = { users: [1, 1, 1, 2, 2], items: [40, 41, 42, 41, 40], labels: [1, 0, 0, 1, 0] };

  it('masks what the user was shown and did not like, whoever the candidate came from', () => {
    expect(rowsOf(exposedMask([1, 2], [40, 41, 43, 42], [0, 1], shown))).toEqual([
      [1, 0, 1, 0],
      [0, 1, 1, 1],
    ]);
  });

  it('keeps what the user rejected as a negative, and the positive always', () => {
    const rejected = { ...shown, disliked: [0, 0, 0, 0, 1] };
    expect(rowsOf(exposedMask([2], [40, 41], [1], rejected))).toEqual([[1, 1]]);
    expect(rowsOf(exposedMask([1], [40, 41], [1], shown))).toEqual([[1, 1]]);
  });

  it('masks nothing of users who were shown nothing else', () => {
    expect(exposedMask([3], [40, 41], [0], shown).values).toEqual(new Float32Array(2).fill(1));
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

  it('does not mind order or repetition, and leaves its arguments as they are', () => {
    const before = Float32Array.from(session.values);
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
