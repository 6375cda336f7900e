import { type SqdcOptions, sqdc } from '@sifaka/losses';
import { checkGradient } from '@sifaka/test-kit';
import { grads, type Tensor, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const OFF = { maskSession: false, maskSameItem: false } as const;

/**
 * Three rows whose queries and documents are the axes: every cosine is 1 or 0, so `l_i = log(1 + k_i e^−T)` with k_i
 * negatives left.
 */
const axes = [
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 3],
];
const three: SqdcOptions = {
  ...OFF,
  items: [10, 11, 12],
  documentOf: [0, 1, 2],
  sessions: [1, 2, 3],
  labels: [1, 1, 1],
  temperature: 2,
};
const closedForm = (negativesLeft: readonly number[]): number =>
  negativesLeft.reduce((total, k) => total + Math.log1p(k * Math.exp(-2)), 0);

const lossValue = (queries: number[][], documents: number[][], options: SqdcOptions): number => {
  const loss = sqdc(tensor2d(queries), tensor2d(documents), options);
  const [value] = loss.dataSync();
  loss.dispose();
  return value!;
};
const lossOf = (options: SqdcOptions) =>
  tidy(
    () => lossValue(axes, axes, { ...three, ...options, reduction: 'sum' }) as unknown as Tensor,
  ) as unknown as number;

describe('sqdc, three rows', () => {
  it('without masks is plain InfoNCE: two negatives per row', () => {
    expect(lossOf(three)).toBeCloseTo(closedForm([2, 2, 2]), 5);
  });

  it('the sum is the mean times the number of liked rows', () => {
    tidy(() => {
      const options = { ...three, labels: [1, 1, 0] };
      const mean = lossValue(axes, axes, options);
      expect(lossValue(axes, axes, { ...options, reduction: 'mean' })).toBe(mean);
      expect(lossValue(axes, axes, { ...options, reduction: 'sum' })).toBeCloseTo(2 * mean, 5);
    });
  });

  it('maskSession: rows of one session are not each other’s negatives', () => {
    const options = { ...three, sessions: [1, 1, 2] };
    expect(lossOf({ ...options, maskSession: true })).toBeCloseTo(closedForm([1, 1, 2]), 5);
    expect(lossOf(options)).toBeCloseTo(closedForm([2, 2, 2]), 5);
  });

  it('maskSameItem: rows of one item are not each other’s negatives', () => {
    const options = { ...three, items: [10, 11, 10] };
    expect(lossOf({ ...options, maskSameItem: true })).toBeCloseTo(closedForm([1, 2, 1]), 5);
    expect(lossOf(options)).toBeCloseTo(closedForm([2, 2, 2]), 5);
  });

  it('maskHistory: items that the row’s user liked before are not negatives', () => {
    // Row 0 liked item 12 before, row 1 items 12 and 10 and its own, row 2 something else.
    const options = { ...three, history: { items: [12, -1, -1, 12, 10, 11, 99, -1, -1], length: 3 } };
    expect(lossOf({ ...options, maskHistory: true })).toBeCloseTo(closedForm([1, 0, 2]), 5);
    expect(lossOf(options)).toBeCloseTo(closedForm([2, 2, 2]), 5);
  });

  it('maskExposed: items that the row’s user was shown and did not like are not negatives, unless rejected', () => {
    // Rows 0 and 2 belong to user 7, who did not like the item of row 2.
    const options = { ...three, users: [7, 8, 7], labels: [1, 1, 0], negatives: 'all' } as const;
    expect(lossOf({ ...options, maskExposed: true })).toBeCloseTo(closedForm([1, 2]), 5);
    expect(lossOf({ ...options, maskExposed: true, disliked: [0, 0, 1] })).toBeCloseTo(closedForm([2, 2]), 5);
    expect(lossOf(options)).toBeCloseTo(closedForm([2, 2]), 5);
  });

  it('by default the masks of sessions and items are on, those of histories and exposures off', () => {
    const options = {
      ...three,
      sessions: [1, 1, 2],
      items: [10, 11, 10],
      history: { items: [11, 12, 10], length: 1 },
      users: [1, 1, 1],
    };
    const { maskSession: _, maskSameItem: __, ...byDefault } = options;
    tidy(() => {
      const spelledOut = { ...OFF, maskSession: true, maskSameItem: true, maskHistory: false, maskExposed: false };
      expect(lossValue(axes, axes, byDefault)).toBe(lossValue(axes, axes, { ...byDefault, ...spelledOut }));
      expect(lossValue(axes, axes, byDefault)).not.toBe(lossValue(axes, axes, { ...byDefault, maskSession: false }));
    });
  });
});

/** Each of these masks removes row 3 from every denominator. */
const MASKED_ROWS: readonly [string, Partial<SqdcOptions>][] = [
  ['maskSession', { maskSession: true, sessions: [5, 5, 5, 5] }],
  ['maskSameItem', { maskSameItem: true, items: [10, 11, 12, 10], hasQuery: [1, 0, 0, 0] }],
  ['maskHistory', { maskHistory: true, history: { items: [13, 13, 13, -1], length: 1 } }],
  ['maskExposed', { maskExposed: true, users: [1, 1, 1, 1] }],
];

describe('a row that is masked for every query', () => {
  const queries = [
    [1, 2, -1],
    [0.5, -1, 1],
    [2, 0.3, 0.4],
    [-1, 3, 2],
  ];
  const documents = [
    [2, 1, 0],
    [1, -1, 2],
    [-1, 0.2, 1],
    [9, -4, 3],
  ];
  const four: SqdcOptions = {
    ...three,
    items: [10, 11, 12, 13],
    documentOf: [0, 1, 2, 3],
    sessions: [1, 2, 3, 4],
    labels: [1, 1, 1, 0],
    hasQuery: [1, 1, 1, 0],
    negatives: 'all',
  };
  const firstThree = (values: ArrayLike<number>) => Array.from(values).slice(0, 3);
  const withoutLast = (options: SqdcOptions): SqdcOptions => ({
    ...options,
    items: firstThree(options.items),
    documentOf: firstThree(options.documentOf),
    sessions: firstThree(options.sessions),
    labels: firstThree(options.labels),
    ...(options.hasQuery === undefined ? {} : { hasQuery: firstThree(options.hasQuery) }),
    ...(options.users === undefined ? {} : { users: firstThree(options.users) }),
    ...(options.history === undefined ? {} : { history: { items: firstThree(options.history.items), length: 1 } }),
  });

  for (const centre of [false, true]) {
    it.each(MASKED_ROWS)(`changes neither value nor gradient: %s, centre ${centre}`, (_, mask) => {
      tidy(() => {
        const options: SqdcOptions = { ...four, ...mask, centre };
        const run = (rows: number[][], docs: number[][], given: SqdcOptions) => {
          const loss = (q: Tensor, d: Tensor) => sqdc(q, d, given);
          const [toQueries, toDocuments] = grads(loss)([tensor2d(rows), tensor2d(docs)]);
          return { value: lossValue(rows, docs, given), toQueries: toQueries!, toDocuments: toDocuments! };
        };
        const all = run(queries, documents, options);
        const three = run(queries.slice(0, 3), documents.slice(0, 3), withoutLast(options));
        expect(all.value).toBeCloseTo(three.value, 5);
        const head = (x: Tensor, rows: number) => x.dataSync().slice(0, 3 * rows);
        expect(head(all.toQueries, 3)).toBeAllClose(head(three.toQueries, 3), { atol: 1e-5 });
        expect(head(all.toDocuments, 3)).toBeAllClose(head(three.toDocuments, 3), { atol: 1e-5 });
        expect(Array.from(all.toDocuments.dataSync().slice(9), Math.abs)).toEqual([0, 0, 0]);
      });
    });
  }

  it('the centred form with such a row has the gradient of finite differences', () => {
    tidy(() => {
      const options: SqdcOptions = { ...four, ...MASKED_ROWS[3]![1], centre: true };
      checkGradient((q, d) => sqdc(q, d, options), [tensor2d(queries), tensor2d(documents)], { step: 3e-3 });
    });
  });
});

describe('sqdc', () => {
  it.each([
    ['expected a history with maskHistory, got none', { maskHistory: true }],
    ['expected users with maskExposed, got none', { maskExposed: true }],
    ['users: expected [3], got [1]', { users: [1] }],
    ['disliked: expected [3], got [2]', { disliked: [1, 0] }],
    ['history: expected [3 · 2], got [3]', { history: { items: [1, 2, 3], length: 2 } }],
  ])('refuses: %s', (message, wrong) => {
    expect(() => lossOf({ ...three, ...wrong })).toThrow(`sqdc: ${message}`);
  });

  it('refuses a batch of 60,000 before it allocates a mask, naming sizes, memory and remedies', () => {
    const ids = Int32Array.from({ length: 60_000 }, (_, i) => i);
    const labels = ids.map((id) => (id % 2 === 0 ? 1 : 0));
    const vectors = zeros([60_000, 1]);
    const run = (options: Partial<SqdcOptions>) => () =>
      sqdc(vectors, vectors, { items: ids, documentOf: ids, sessions: ids, labels, ...options });
    expect(run({})).toThrow(
      new RangeError(
        'sqdc: expected at most 67108864 pairs (maxPairs), got 30000 queries × 30000 candidates = 900000000, which ' +
          'take about 45.0 GB; use a smaller batch or raise maxPairs',
      ),
    );
    expect(run({ negatives: 'all' })).toThrow(
      '30000 queries × 60000 candidates = 1800000000, which take about 90.0 GB; ' +
        "use a smaller batch, negatives: 'positives', or raise maxPairs",
    );
    vectors.dispose();
  });

  it('maxPairs is the largest number of pairs that is taken', () => {
    expect(lossOf({ ...three, maxPairs: 9 })).toBe(lossOf(three));
    expect(() => lossOf({ ...three, maxPairs: 8 })).toThrow('sqdc: expected at most 8 pairs');
    expect(lossOf({ ...three, labels: [1, 1, 0], maxPairs: 4 })).toBe(lossOf({ ...three, labels: [1, 1, 0] }));
    for (const maxPairs of [0, -1, 1.5, Number.NaN]) {
      expect(() => lossOf({ ...three, maxPairs })).toThrow(
        `sqdc: expected maxPairs to be a whole number from 1, got ${maxPairs}`,
      );
    }
  });
});
