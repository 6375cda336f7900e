import { binaryCrossEntropy, cic, decorrelation, infoNce, sessionMask, sqdc } from '@sifaka/losses';
import type { Operation } from '../contract-case.js';
import { Draw, given } from '../draw.js';

const draw = new Draw('losses');
const ROWS = {
  items: [1, 2, 1, 3, 4, 2],
  documentOf: [0, 1, 0, 2, 3, 1],
  sessions: [7, 7, 8, 8, 9, 9],
  labels: [1, 0, 1, 1, 1, 0],
  hasQuery: [1, 1, 1, 0, 1, 1],
};

export const LOSSES: readonly Operation[] = [
  {
    name: 'binaryCrossEntropy',
    precision: 'module',
    cases: [
      { name: 'logits', inputs: [draw.awayFromZero([9]), draw.mask([9])] },
      { name: 'one row', inputs: [draw.awayFromZero([1]), draw.mask([1])] },
      { name: 'soft labels', inputs: [draw.awayFromZero([6]), draw.float([6], 0, 1)] },
      {
        name: 'logits of ±200 and 0',
        inputs: [given([200, -200, 200, -200, 0]), given([1, 1, 0, 0, 1])],
        smooth: false,
      },
      { name: 'a NaN makes it NaN', inputs: [given([1, Number.NaN]), given([1, 0])], smooth: false },
    ].map((each) => ({ ...each, magnitude: 1, forward: ([logits, labels]) => binaryCrossEntropy(logits!, labels!) })),
  },
  {
    name: 'infoNce',
    precision: 'module',
    cases: [
      {
        name: 'scale 1',
        inputs: [draw.float([4, 6]), draw.float([5, 6])],
        forward: ([q, d]) => infoNce(q!, d!, { scale: 1, positives: [0, 1, 2, 4] }),
      },
      {
        name: 'scale 50, centred',
        inputs: [draw.float([4, 6]), draw.float([5, 6])],
        forward: ([q, d]) => infoNce(q!, d!, { scale: 50, positives: [0, 1, 2, 4], centre: true }),
        magnitude: 50,
        smooth: false, // too steep for finite differences
      },
      {
        name: 'masked',
        inputs: [draw.float([3, 6]), draw.float([3, 6])],
        forward: ([q, d]) =>
          infoNce(q!, d!, { scale: 5, positives: [0, 1, 2], mask: sessionMask([1, 1, 2], [1, 1, 2], [0, 1, 2]) }),
        magnitude: 5,
      },
      {
        name: 'one query, one candidate',
        inputs: [draw.float([1, 4]), draw.float([1, 4])],
        forward: ([q, d]) => infoNce(q!, d!, { scale: 5, positives: [0] }),
        magnitude: 5,
      },
    ],
  },
  {
    name: 'cic',
    precision: 'module',
    cases: [
      { name: '1 item', count: 1, options: {} },
      { name: '4 items', count: 4, options: {} },
      { name: 'drawn negatives', count: 5, options: { negatives: { kind: 'sampled', count: 3, seed: 1 } } as const },
      {
        name: 'drawn negatives, itself among them, of two terms',
        count: 4,
        options: { negatives: { kind: 'sampled', seed: 1, exclude: 'nothing' }, terms: [2, 0] } as const,
      },
    ].map(({ name, count, options }) => ({
      name,
      inputs: [draw.float([count, 6]), draw.float([count, 6])],
      forward: ([content, ids]) => cic(content!, ids!, { temperature: 5, ...options }),
      magnitude: 5,
    })),
  },
  {
    name: 'sqdc',
    precision: 'module',
    cases: [
      { name: 'the paper’s formula', options: {} },
      { name: 'centred, all rows as negatives', options: { centre: true, negatives: 'all' } as const },
      { name: 'without masks', options: { maskSession: false, maskSameItem: false } },
    ].map(({ name, options }) => ({
      name,
      inputs: [draw.float([6, 5]), draw.float([4, 5])],
      forward: ([q, d]) => sqdc(q!, d!, { ...ROWS, temperature: 10, ...options }),
      magnitude: 10,
    })),
  },
  {
    name: 'decorrelation',
    precision: 'module',
    cases: [
      { name: 'more vectors than dimensions', inputs: [draw.float([7, 4])] },
      { name: 'fewer vectors than dimensions', inputs: [draw.float([3, 6])] },
      { name: 'equal vectors', inputs: [given([1, 2, 1, 2], [2, 2])], smooth: false },
    ].map((each) => ({ ...each, magnitude: 1, forward: ([vectors]) => decorrelation(vectors!) })),
  },
];
