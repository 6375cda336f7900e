import { reshape, slice, transpose } from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw, named } from '../draw.js';

export const LAYOUT: readonly Operation[] = [
  { name: 'reshape', precision: 'exact', cases: reshapeCases() },
  { name: 'transpose', precision: 'exact', cases: transposeCases() },
  { name: 'slice', precision: 'exact', cases: sliceCases() },
];

type Shape = readonly number[];

function reshapeCases(): ContractCase[] {
  const draw = new Draw('reshape');
  const calls: readonly (readonly [Shape, Shape])[] = [
    [[], [1, 1]],
    [[1], []],
    [[2, 3, 4], [-1]],
    [
      [2, 3, 4],
      [-1, 4],
    ],
    [[24], [2, 3, 4]],
    [
      [2, 6],
      [2, 3, 2, 1],
    ],
    [
      [0, 4],
      [0, 2, 2],
    ],
    [[3, 0], [0]],
  ];
  return [
    ...calls.map(
      ([from, to]): ContractCase => ({
        name: `${named(from)} to ${named(to)}`,
        inputs: [draw.float(from)],
        forward: ([x]) => reshape(x!, [...to]),
      }),
    ),
    {
      name: 'int32',
      inputs: [draw.int([2, 3], 9)],
      forward: ([x]) => reshape(x!, [-1]),
      differentiable: false,
    },
  ];
}

function transposeCases(): ContractCase[] {
  const draw = new Draw('transpose');
  const calls: readonly (readonly [Shape, number[]])[] = [
    [[5], [0]],
    [
      [3, 4],
      [1, 0],
    ],
    [
      [1, 4],
      [1, 0],
    ],
    [
      [33, 17],
      [1, 0],
    ],
    [
      [2, 3, 4],
      [0, 2, 1],
    ],
    [
      [2, 3, 4],
      [2, 0, 1],
    ],
    [
      [2, 3, 4],
      [0, 1, 2],
    ],
    [
      [2, 5, 3, 4],
      [0, 2, 1, 3],
    ], // heads
    [
      [3, 2, 3, 4],
      [2, 1, 0, 3],
    ], // RankMixer's token mixing
    [
      [2, 3, 4, 5],
      [0, 1, 3, 2],
    ],
    [
      [2, 2, 4, 3, 6],
      [0, 1, 3, 2, 4],
    ], // patches of an image
    [
      [1, 1, 3, 1],
      [3, 2, 1, 0],
    ],
    [
      [0, 3],
      [1, 0],
    ],
    [
      [2, 0, 4, 3],
      [0, 2, 1, 3],
    ],
  ];
  return calls.map(([shape, order]) => ({
    name: `${named(shape)} in order ${order.join('')}`,
    inputs: [draw.float(shape)],
    forward: ([x]) => transpose(x!, order),
  }));
}

function sliceCases(): ContractCase[] {
  const draw = new Draw('slice');
  const calls: readonly (readonly [Shape, number[], number[]])[] = [
    [[7], [0], [7]],
    [[7], [2], [3]],
    [[7], [7], [0]],
    [
      [5, 4],
      [0, 0],
      [2, 4],
    ], // rows
    [
      [5, 6],
      [0, 2],
      [5, 2],
    ], // columns: the query, key and value parts of a weight
    [
      [5, 4],
      [3, 1],
      [1, 2],
    ],
    [
      [2, 5, 4],
      [0, 0, 0],
      [2, 1, 4],
    ], // the first token
    [
      [2, 5, 4],
      [0, 1, 0],
      [2, 3, 4],
    ],
    [
      [3, 4, 2, 3],
      [1, 0, 1, 0],
      [2, 3, 1, 2],
    ],
    [
      [0, 4],
      [0, 1],
      [0, 2],
    ],
    [
      [5, 4],
      [2, 0],
      [0, 4],
    ],
  ];
  return [
    ...calls.map(
      ([shape, begin, size]): ContractCase => ({
        name: `${named(shape)} from ${begin} of size ${size}`,
        inputs: [draw.float(shape)],
        forward: ([x]) => slice(x!, begin, size),
      }),
    ),
    { name: 'a plain number', inputs: [draw.float([9])], forward: ([x]) => slice(x!, 3, 4) },
    {
      name: 'overlapping parts',
      inputs: [draw.float([6, 2])],
      forward: ([x]) => [slice(x!, [0, 0], [4, 2]), slice(x!, [2, 0], [4, 2])],
    },
  ];
}
