import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, type Row, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();

/** The contrast of a first joint step. */
function contrast(rows: readonly Row[], sqdc: Parameters<typeof tinyLemur>[0] = {}): number {
  return trainingOf(makeModel(tinyLemur(sqdc))).run(batchOf(rows), { step: 0 }).contrast;
}

const history = [10, 11];
const inSessions = (...sessions: readonly number[]): Row[] =>
  sessions.map((session, item) => ({ item, session, history }));

describe('the contrast of a joint step', () => {
  test('is 0 if all rows are of one session, because only the positives remain', () => {
    expect(contrast(inSessions(7, 7, 7, 7))).toBeCloseTo(0, 5);
  });

  test('is larger for several sessions, or without the mask', () => {
    const apart = contrast(inSessions(1, 2, 3, 4));
    expect(apart).toBeGreaterThan(0.1);
    expect(contrast(inSessions(7, 7, 7, 7), { sqdc: { maskSession: false } })).toBe(apart);
    const halves = contrast(inSessions(1, 1, 2, 2));
    expect(halves).toBeGreaterThan(0);
    expect(halves).toBeLessThan(apart);
  });

  test('ignores a masked row as if it were not in the batch', () => {
    // Only the first row has a query.
    const asking = { item: 0, session: 1, history };
    const other = { item: 2, session: 2 };
    const masked = contrast([asking, { item: 1, session: 1 }, other]);
    expect(masked).toBeCloseTo(contrast([asking, other]), 5);
    expect(contrast([asking, { item: 1, session: 3 }, other])).toBeGreaterThan(masked + 1e-4);
  });

  test('ignores a row of another session with the same item', () => {
    const asking = { item: 0, session: 1, history };
    const other = { item: 2, session: 2 };
    expect(contrast([asking, { item: 0, session: 3 }, other])).toBeCloseTo(contrast([asking, other]), 5);
  });

  test('has as negatives the liked rows, or all of them', () => {
    const asking = { item: 0, session: 1, history };
    const disliked = { item: 1, session: 2, label: 0 } as const;
    expect(contrast([asking, disliked], { sqdc: { negatives: 'positives' } })).toBeCloseTo(0, 5);
    expect(contrast([asking, disliked], { sqdc: { negatives: 'all' } })).toBeGreaterThan(1e-4);
  });

  test('is off with λ = 0', () => {
    expect(contrast(inSessions(1, 2), { sqdc: { weight: 0 } })).toBeNaN();
  });
});
