import {
  binaryCrossEntropy,
  cic,
  exposedMask,
  historyMask,
  type InfoNceOptions,
  infoNce,
  type SqdcOptions,
  sameItemMask,
  sessionMask,
  sqdc,
} from '@sifaka/losses';
import { tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const vectors = () =>
  tensor2d([
    [1, 0],
    [0, 1],
  ]);

/** Runs the call in a tidy and returns its error. */
function caught(call: () => unknown): Error {
  try {
    tidy(() => {
      call();
    });
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error, got none');
}

const NUMBERS = [0, -1, Number.NaN, Number.POSITIVE_INFINITY];

describe('refuses bad options', () => {
  const rows: SqdcOptions = {
    items: [1, 2],
    documentOf: [0, 1],
    sessions: [1, 2],
    labels: [1, 1],
    users: [1, 2],
    disliked: [0, 0],
    hasQuery: [1, 1],
    maskHistory: true,
    history: { items: [5, -1], length: 1 },
  };
  const ofSqdc = (wrong: object) => caught(() => sqdc(vectors(), vectors(), { ...rows, ...wrong }));

  it.each(NUMBERS)('temperature or scale %d', (value) => {
    const message = (where: string, name: string) =>
      new RangeError(`${where}: expected ${name} to be a number above 0, got ${value}`);
    expect(ofSqdc({ temperature: value })).toEqual(message('sqdc', 'temperature'));
    expect(caught(() => cic(vectors(), vectors(), { temperature: value }))).toEqual(message('cic', 'temperature'));
    expect(caught(() => infoNce(vectors(), vectors(), { scale: value, positives: [0, 1] }))).toEqual(
      message('infoNce', 'scale'),
    );
  });

  it.each<[object, string]>([
    [{ negatives: 'positive' }, "negatives to be 'positives' or 'all', got 'positive'"],
    [{ reduction: 'none' }, "reduction to be 'mean' or 'sum', got 'none'"],
    [{ labels: [1, 0.5] }, '0 or 1 in labels, got 0.5 at index 1'],
    [{ labels: [Number.NaN, 1] }, '0 or 1 in labels, got NaN at index 0'],
    [{ hasQuery: [1, 2] }, '0 or 1 in hasQuery, got 2 at index 1'],
    [{ disliked: [-1, 0] }, '0 or 1 in disliked, got -1 at index 0'],
    [{ items: [1, Number.NaN] }, 'integers in items, got NaN at index 1'],
    [{ sessions: [1.5, 2] }, 'integers in sessions, got 1.5 at index 0'],
    [{ users: [1, Number.POSITIVE_INFINITY] }, 'integers in users, got Infinity at index 1'],
    [{ history: { items: [1, 0.5], length: 1 } }, 'integers in history.items, got 0.5 at index 1'],
    [{ history: { items: [1, 2], length: Number.NaN } }, 'history.length to be a whole number from 0, got NaN'],
    [{ documentOf: [0, 0.5] }, 'the document of row 1 among 2, got 0.5'],
  ])('of sqdc: %o', (wrong, message) => {
    expect(ofSqdc(wrong)).toEqual(new RangeError(`sqdc: expected ${message}`));
  });

  it.each<[Partial<InfoNceOptions> | { reduction: string }, string]>([
    [{ reduction: 'none' }, "reduction to be 'mean' or 'sum', got 'none'"],
    [{ positives: [0, 0.5] }, 'positive 1 among 2 candidates, got 0.5'],
    [{ mask: { queries: 2, candidates: 2, values: new Uint8Array(3).fill(1) } }, '4 values in the mask, got 3'],
  ])('of infoNce: %o', (wrong, message) => {
    const options = { scale: 1, positives: [0, 1], ...wrong } as InfoNceOptions;
    expect(caught(() => infoNce(vectors(), vectors(), options))).toEqual(
      new RangeError(`infoNce: expected ${message}`),
    );
  });

  it.each<[() => unknown, string]>([
    [() => sessionMask([1, 1], [1, 1], [0]), 'sessionMask: expected 2 values in positives, got 1'],
    [() => sessionMask([1, Number.NaN], [1, 1], [0, 1]), 'sessionMask: expected integers in querySessions, got NaN at'],
    [() => sessionMask([1], [0.5], [0]), 'sessionMask: expected integers in candidateSessions, got 0.5 at index 0'],
    [() => sameItemMask([1], [1], [0.5]), 'sameItemMask: expected integers in positives, got 0.5 at index 0'],
    [() => historyMask([[1], [2]], [1], [0]), 'historyMask: expected 2 values in positives, got 1'],
    [() => historyMask([[1, 0.5]], [1], [0]), 'historyMask: expected integers in histories, got 0.5 at index 1'],
    [
      () => exposedMask([1], [1], [0], { users: [1, 2], items: [1], labels: [0, 0] }),
      'exposedMask: expected 2 values in exposures.items, got 1',
    ],
    [
      () => exposedMask([1], [1], [0], { users: [1], items: [1], labels: [0], disliked: [] }),
      'exposedMask: expected 1 values in exposures.disliked, got 0',
    ],
    [
      () => exposedMask([1], [1], [0], { users: [1], items: [1], labels: [0.5] }),
      'exposedMask: expected 0 or 1 in exposures.labels, got 0.5 at index 0',
    ],
  ])('of a mask: %s', (call, message) => {
    expect(caught(call)).toBeInstanceOf(RangeError);
    expect(caught(call).message).toContain(message);
  });

  it('items of cic that are not integers, and no rows in binaryCrossEntropy', () => {
    expect(caught(() => cic(vectors(), vectors(), { items: [1, Number.NaN] }))).toEqual(
      new RangeError('cic: expected integers in items, got NaN at index 1'),
    );
    expect(caught(() => binaryCrossEntropy(zeros([0]), zeros([0])))).toEqual(
      new RangeError('binaryCrossEntropy: expected at least one row, got none'),
    );
  });
});
