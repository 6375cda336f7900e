import { gather, type Tensor, tensor1d, unsortedSegmentSum } from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';

export const INDEXING: readonly Operation[] = [
  { name: 'gather', precision: 'exact', cases: gatherCases() },
  { name: 'unsortedSegmentSum', precision: 'sum', cases: segmentCases() },
];

/** Rows of a table. Rows outside it are not tested, because every caller checks its ids on the host. */
function gatherCases(): ContractCase[] {
  const draw = new Draw('gather');
  const calls: readonly (readonly [table: readonly number[], indices: readonly number[]])[] = [
    [[5], [0, 4, 2]],
    [
      [1, 3],
      [0, 0, 0, 0],
    ],
    [
      [6, 4],
      [5, 1, 1, 0, 5, 5],
    ], // repeated rows: their gradients add up
    [[6, 4], [3]],
    [
      [6, 1],
      [2, 0],
    ],
    [
      [4, 2, 3],
      [3, 0, 0],
    ],
    [[6, 4], []],
    [
      [3, 0],
      [1, 2],
    ],
    [[40, 8], Array.from({ length: 100 }, () => draw.below(40))],
    [[200, 3], Array.from({ length: 7 }, () => draw.below(200))],
  ];
  const read = (indices: readonly number[]) => (inputs: readonly Tensor[]) =>
    gather(inputs[0]!, tensor1d([...indices], 'int32'));
  return [
    ...calls.map(
      ([table, indices]): ContractCase => ({
        name: `${rowsOf(indices)} of ${named(table)}`,
        inputs: [draw.float(table)],
        forward: read(indices),
      }),
    ),
    { name: 'int32 values', inputs: [draw.int([9], 50)], forward: read([8, 0, 0]), differentiable: false },
    {
      name: 'a row of NaN and inf is read as it is',
      inputs: [given([1, Number.NaN, 2, Number.POSITIVE_INFINITY], [2, 2])],
      forward: read([1, 0, 1]),
      smooth: false,
    },
  ];
}

/** Sums of rows by segment. Only backward passes call it, so its own gradient is not tested. */
function segmentCases(): ContractCase[] {
  const draw = new Draw('unsortedSegmentSum');
  const calls: readonly (readonly [x: readonly number[], segments: readonly number[], count: number])[] = [
    [[6, 4], [5, 1, 1, 0, 5, 5], 6],
    [[3, 1], [0, 0, 0], 1],
    [[1, 7], [2], 4],
    [[100, 8], Array.from({ length: 100 }, () => draw.below(40)), 40],
  ];
  return calls.map(([x, segments, count]) => ({
    name: `${named(x)} into ${count} segments`,
    inputs: [draw.float(x)],
    forward: ([rows]) => unsortedSegmentSum(rows!, tensor1d([...segments], 'int32'), count),
    differentiable: false,
    magnitude: 10,
  }));
}

function rowsOf(indices: readonly number[]): string {
  return indices.length > 8 ? `${indices.length} rows` : `rows ${indices.join(', ') || 'none'}`;
}
