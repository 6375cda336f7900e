import { sqdc } from '@sifaka/losses';
import { seededRandom } from '@sifaka/nn';
import { checkGradient } from '@sifaka/test-kit';
import { add, grads, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type SqdcBatch, sqdcByLoops } from './sqdc-reference.js';

/** Rows of few sessions and items, so that both repeat, with one document per distinct item. */
function randomBatch(seed: number, size = 12): SqdcBatch {
  const random = seededRandom(seed);
  const draw = (count: number) => Math.floor(random() * count);
  const vector = () => Array.from({ length: 5 }, () => 2 * random() - 1);
  const items = Array.from({ length: size }, () => 100 + draw(size));
  const distinct = [...new Set(items)];
  return {
    queries: items.map(vector),
    documents: distinct.map(vector),
    items,
    documentOf: items.map((item) => distinct.indexOf(item)),
    sessions: items.map(() => draw(5)),
    labels: items.map(() => (random() < 0.6 ? 1 : 0)),
    hasQuery: items.map(() => (random() < 0.8 ? 1 : 0)),
  };
}

const lossOf = (batch: SqdcBatch): number =>
  tidy(
    () => sqdc(tensor2d([...batch.queries]), tensor2d([...batch.documents]), batch).dataSync()[0]!,
  ) as unknown as number;

const gradientsOf = (batch: SqdcBatch): { toQueries: number[][]; toDocuments: number[][] } =>
  tidy(() => {
    const loss = (q: Tensor, d: Tensor) => sqdc(q, d, batch);
    const [q, d] = grads(loss)([tensor2d([...batch.queries]), tensor2d([...batch.documents])]);
    return { toQueries: q!.arraySync(), toDocuments: d!.arraySync() } as unknown as Tensor;
  }) as unknown as { toQueries: number[][]; toDocuments: number[][] };

/** Six rows, each with its own item; rows 0, 1 and 3 share a session; row 3 was not liked. */
const six: SqdcBatch = {
  ...randomBatch(7, 6),
  documents: randomBatch(8, 40).documents.slice(0, 6),
  items: [10, 11, 12, 13, 14, 15],
  documentOf: [0, 1, 2, 3, 4, 5],
  sessions: [1, 1, 2, 1, 3, 4],
  labels: [1, 1, 1, 0, 1, 1],
  hasQuery: [1, 1, 1, 1, 1, 1],
};

const onlyQuery = (batch: SqdcBatch, row: number): SqdcBatch => ({
  ...batch,
  hasQuery: batch.labels.map((_, i) => (i === row ? 1 : 0)),
});

const moveDocument = (batch: SqdcBatch, index: number): SqdcBatch => ({
  ...batch,
  documents: batch.documents.map((d, k) => (k === index ? d.map((x, c) => 0.3 - x * (c - 2)) : d)),
});

describe('sqdc', () => {
  const switches = [true, false].flatMap((maskSession) =>
    [true, false].map((maskSameItem) => ({ maskSession, maskSameItem })),
  );
  for (const negatives of ['positives', 'all'] as const) {
    it.each(switches)(`equals the paper's formula in loops: negatives ${negatives}, %o`, (masks) => {
      for (let seed = 1; seed <= 10; seed++) {
        for (const temperature of [1, 50]) {
          const batch = { ...randomBatch(seed), negatives, temperature, ...masks };
          expect([lossOf(batch)]).toBeAllClose([sqdcByLoops(batch)], { atol: 5e-5, rtol: 1e-5 });
        }
      }
    });
  }

  it('by default: T = 50, liked rows as negatives, both masks on', () => {
    const batch = randomBatch(3);
    const spelledOut = { temperature: 50, negatives: 'positives', maskSession: true, maskSameItem: true } as const;
    expect(lossOf(batch)).toBe(lossOf({ ...batch, ...spelledOut }));
  });

  it('multiplies the cosine by T: near T = 0 the loss is the log of the number of unmasked candidates', () => {
    // Liked rows 0, 1, 2, 4, 5; rows 0 and 1 lose each other.
    expect(lossOf({ ...six, temperature: 1e-6 })).toBeCloseTo((2 * Math.log(4) + 3 * Math.log(5)) / 5, 5);
  });

  it('with a cosine of 1 to the positive and 0 to one negative the loss is log(1 + e^−T)', () => {
    const batch = {
      queries: [
        [2, 0],
        [0, 1],
      ],
      documents: [
        [3, 0],
        [0, 5],
      ],
      items: [1, 2],
      documentOf: [0, 1],
      sessions: [1, 2],
      labels: [1, 1],
    };
    for (const temperature of [0.5, 2, 5]) {
      expect(lossOf({ ...batch, temperature })).toBeCloseTo(Math.log1p(Math.exp(-temperature)), 5);
    }
  });

  it('the session mask removes other rows of the session and nothing else', () => {
    // At T = 50 a distant document has no weight in float32.
    const batch = { ...six, negatives: 'all', temperature: 5 } as const;
    const masked = [0, 1, 3];
    for (let row = 0; row < 6; row++) {
      if (batch.labels[row] === 0) continue;
      const before = lossOf(onlyQuery(batch, row));
      for (let document = 0; document < 6; document++) {
        const after = lossOf(onlyQuery(moveDocument(batch, document), row));
        const isMasked = document !== row && masked.includes(row) && masked.includes(document);
        if (isMasked) expect(after).toBe(before);
        else expect(after).not.toBe(before);
      }
    }
  });

  it('no gradient reaches a masked document, and without the mask it does', () => {
    const batch = onlyQuery({ ...six, negatives: 'all' }, 0);
    const size = (row: number[]) => Math.hypot(...row);
    const on = gradientsOf(batch).toDocuments.map(size);
    const off = gradientsOf({ ...batch, maskSession: false, temperature: 5 }).toDocuments.map(size);
    expect(on[1]).toBe(0);
    expect(on[3]).toBe(0);
    for (const gradient of off) expect(gradient).toBeGreaterThan(0);
  });

  it('with liked rows as negatives, a row that was not liked has no effect', () => {
    expect(lossOf(moveDocument({ ...six, maskSession: false }, 3))).toBe(lossOf({ ...six, maskSession: false }));
    expect(lossOf({ ...moveDocument(six, 3), negatives: 'all' })).not.toBe(lossOf({ ...six, negatives: 'all' }));
  });

  it('an item cannot be its own negative in another session, unless that mask is off', () => {
    const twice = { ...six, items: [10, 11, 12, 13, 14, 10], documentOf: [0, 1, 2, 3, 4, 0], temperature: 1e-6 };
    // Rows 0 and 5 share an item. Row 0 keeps rows 0, 2, 4; rows 1 and 5 keep 1, 2, 4, 5; rows 2 and 4 keep all five.
    expect(lossOf(twice)).toBeCloseTo((Math.log(3) + 2 * Math.log(4) + 2 * Math.log(5)) / 5, 5);
    expect(lossOf({ ...twice, maskSameItem: false })).toBeCloseTo((2 * Math.log(4) + 3 * Math.log(5)) / 5, 5);
  });

  it('rows without a query are excluded as queries, but remain candidates', () => {
    const noQuery = { ...six, hasQuery: [1, 1, 0, 1, 1, 1] };
    const moved = { ...noQuery, queries: noQuery.queries.map((q, i) => (i === 2 ? q.map((x) => 3 - x) : q)) };
    expect(lossOf(moved)).toBe(lossOf(noQuery));
    expect(lossOf(moveDocument(noQuery, 2))).not.toBe(lossOf(noQuery));
    const { hasQuery: _, ...byDefault } = six;
    expect(lossOf(byDefault)).toBe(lossOf(six));
  });

  it('is 0 if no liked row has a query', () => {
    expect(lossOf({ ...six, labels: [0, 0, 0, 0, 0, 0] })).toBe(0);
    expect(lossOf({ ...six, hasQuery: [0, 0, 0, 1, 0, 0] })).toBe(0);
  });

  it('is 0 when the session mask leaves each query only its positive', () => {
    expect(lossOf({ ...six, sessions: [1, 1, 1, 1, 1, 1] })).toBeCloseTo(0, 5);
  });

  it('does not depend on the order of rows or documents', () => {
    const batch = randomBatch(5);
    const shuffled = [7, 2, 11, 0, 5, 9, 1, 10, 4, 3, 8, 6];
    const last = batch.documents.length - 1;
    const pick = <T>(values: readonly T[]) => shuffled.map((row) => values[row]!);
    const permuted: SqdcBatch = {
      queries: pick(batch.queries),
      documents: batch.documents.toReversed(),
      items: pick(batch.items),
      documentOf: pick(batch.documentOf).map((document) => last - document),
      sessions: pick(batch.sessions),
      labels: pick(batch.labels),
      hasQuery: pick(batch.hasQuery!),
    };
    for (const negatives of ['positives', 'all'] as const) {
      expect(lossOf({ ...permuted, negatives })).toBeCloseTo(lossOf({ ...batch, negatives }), 4);
    }
  });

  it('has the gradient of finite differences, for queries and documents', () => {
    tidy(() => {
      const { queries, documents, ...options } = randomBatch(2, 6);
      checkGradient(
        (q, d) => sqdc(q, d, { ...options, temperature: 3, negatives: 'all' }),
        [tensor2d([...queries]), tensor2d([...documents])],
        { step: 3e-3 },
      );
    });
  });

  it('sends gradient only to liked rows with a query and to candidates', () => {
    const { toQueries, toDocuments } = gradientsOf({ ...six, hasQuery: [1, 1, 0, 1, 1, 1], temperature: 5 });
    const moved = (rows: number[][]) => rows.map((row) => row.some((x) => x !== 0));
    expect(moved(toQueries)).toEqual([true, true, false, false, true, true]);
    expect(moved(toDocuments)).toEqual([true, true, true, false, true, true]);
  });

  it('a small step against the gradient lowers it', () => {
    const { toQueries, toDocuments } = gradientsOf(six);
    const step = (rows: readonly number[][], gradient: number[][]): number[][] =>
      tidy(
        () =>
          add(
            tensor2d([...rows]),
            tensor2d(gradient.map((row) => row.map((x) => -1e-3 * x))),
          ).arraySync() as unknown as Tensor,
      ) as unknown as number[][];
    const after = { ...six, queries: step(six.queries, toQueries), documents: step(six.documents, toDocuments) };
    expect(lossOf(after)).toBeLessThan(lossOf(six));
  });

  it.each([
    ['queries: expected [6, D], got [5, 5]', { queries: six.queries.slice(1) }],
    [
      'documents: expected [U, 5], got [2, 3]',
      {
        documents: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
    ],
    ['items: expected [6], got [1]', { items: [1] }],
    ['sessions: expected [6], got [5]', { sessions: [1, 2, 3, 4, 5] }],
    ['documentOf: expected [6], got [2]', { documentOf: [0, 1] }],
    ['hasQuery: expected [6], got [0]', { hasQuery: [] }],
    ['expected the document of row 4 among 6, got 6', { documentOf: [0, 1, 2, 3, 6, 5] }],
    ['expected the document of row 0 among 6, got -1', { documentOf: [-1, 1, 2, 3, 4, 5] }],
  ])('refuses %s', (message, wrong) => {
    expect(() => lossOf({ ...six, ...wrong })).toThrow(message);
  });
});
