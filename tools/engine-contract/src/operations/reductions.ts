import { max, mean, sum, type Tensor, topk } from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';

export const REDUCTIONS: readonly Operation[] = [
  { name: 'sum', precision: 'sum', cases: [...reductionCases('sum', sum), ...emptySums()] },
  { name: 'mean', precision: 'sum', cases: reductionCases('mean', mean) },
  { name: 'max', precision: 'exact', cases: maxCases() },
  { name: 'topk', precision: 'exact', cases: topkCases() },
];

type Reduction = (x: Tensor, axis?: number | number[], keepDims?: boolean) => Tensor;

function reductionCases(name: string, f: Reduction): ContractCase[] {
  const draw = new Draw(name);
  const calls: readonly (readonly [shape: readonly number[], axis?: number | number[], keepDims?: boolean])[] = [
    [[]],
    [[1]],
    [[7]],
    [[1003]],
    [[3, 4]],
    [[3, 4], 0],
    [[3, 4], -1, true],
    [[5, 1], -1, true],
    [[1, 5], 0],
    [[2, 3, 4], 1],
    [
      [2, 3, 4],
      [0, 2],
    ],
    [[2, 3, 4], [1, 2], true],
    [
      [2, 3, 4, 5],
      [0, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 3],
    ], // the gradient of a broadcast bias
    [[3, 130], -1],
    [[130, 3], 0],
    [[0, 4], -1],
    [draw.shape(2, 30), 1],
    [draw.shape(3, 8), 1],
    [draw.shape(4, 5), [1, 3]],
  ];
  return [
    ...calls.map(
      ([shape, axis, keepDims]): ContractCase => ({
        name: `${named(shape)} over ${axis === undefined ? 'all' : `axis ${axis}`}${keepDims ? ', kept' : ''}`,
        inputs: [draw.float(shape)],
        forward: ([x]) => f(x!, axis, keepDims),
      }),
    ),
    {
      name: 'inf, NaN and both infinities affect their own row',
      inputs: [given([1, 2, 3, 1, Number.POSITIVE_INFINITY, 2, 1, Number.NaN, 2, -Infinity, 0, Infinity], [4, 3])],
      forward: ([x]) => f(x!, 1),
      smooth: false,
    },
    {
      name: 'overflow',
      inputs: [given([3e38, 3e38, 3e38, -3e38, 1, 2], [3, 2])],
      forward: ([x]) => sum(x!, 1),
      smooth: false,
    },
  ];
}

/**
 * Empty sums are 0. Empty means are not tested: they are NaN on tensorflow and 0 elsewhere, and batches are never
 * empty.
 */
function emptySums(): ContractCase[] {
  const calls = [[[0]], [[0, 4], 0], [[3, 0], 1], [[2, 0, 3], 1]] as const;
  return calls.map(([shape, axis]) => ({
    name: named(shape),
    inputs: [new Draw('sum').float(shape)],
    forward: ([x]: readonly Tensor[]) => sum(x!, axis),
  }));
}

/** Whole rows, sorted, as `sortDescending` calls it. Equal values keep their order. Empty rows are not tested. */
function topkCases(): ContractCase[] {
  const draw = new Draw('topk');
  const shapes = [[1, 1], [4, 1], [1, 5], [3, 7], [2, 50], [2, 3, 4], [0, 3], draw.shape(2, 12)];
  const sorted = ([x]: readonly Tensor[]) => {
    const { values, indices } = topk(x!, x!.shape.at(-1)!, true);
    return [values, indices];
  };
  return [
    ...shapes.map((shape) => ({
      name: named(shape),
      inputs: [draw.distinct(shape)],
      forward: sorted,
      differentiable: false,
    })),
    {
      name: 'equal values',
      inputs: [given([0.5, -4, 0.5, -4, -4, 1, 1, 1, 1, 1], [2, 5])],
      forward: sorted,
      differentiable: false,
    },
  ];
}

/** Forward only, because the packages use it as a constant. */
function maxCases(): ContractCase[] {
  const draw = new Draw('max');
  return [[1, 1], [1, 5], [5, 1], [3, 4], [7, 130], draw.shape(2, 30)].map((shape) => ({
    name: named(shape),
    inputs: [draw.float(shape)],
    forward: ([x]) => max(x!, 1, true),
    smooth: false,
  }));
}
