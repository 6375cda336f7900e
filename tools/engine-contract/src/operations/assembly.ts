import { concat, reverse, split, stack, type Tensor, tile, unstack } from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw, named, sizeOf } from '../draw.js';

export const ASSEMBLY: readonly Operation[] = [
  { name: 'concat', precision: 'exact', cases: concatCases() },
  { name: 'stack', precision: 'exact', cases: stackCases() },
  { name: 'split', precision: 'exact', cases: splitCases() },
  { name: 'unstack', precision: 'exact', cases: unstackCases() },
  { name: 'tile', precision: 'exact', cases: tileCases() },
  // No package calls it. @sifaka/backend has a wasm kernel for it, for other people's models.
  { name: 'reverse', precision: 'exact', cases: reverseCases() },
];

type Shape = readonly number[];

function unstackCases(): ContractCase[] {
  const draw = new Draw('unstack');
  // Not into one tensor: TensorFlow.js' own gradient fails there.
  return [[3], [5, 2, 3], [3, 0, 2]].map((shape) => ({
    name: named(shape),
    inputs: [draw.float(shape)],
    forward: ([x]) => unstack(x!),
  }));
}

function concatCases(): ContractCase[] {
  const draw = new Draw('concat');
  const calls: readonly (readonly [readonly Shape[], number])[] = [
    [[[3]], 0],
    [[[3], [1], [5]], 0],
    [
      [
        [2, 3],
        [4, 3],
      ],
      0,
    ],
    [
      [
        [2, 3],
        [2, 1],
        [2, 4],
      ],
      1,
    ],
    [
      [
        [2, 1, 4],
        [2, 3, 4],
        [2, 2, 4],
      ],
      1,
    ],
    [
      [
        [2, 3, 1],
        [2, 3, 2],
      ],
      2,
    ],
    [
      [
        [0, 3],
        [2, 3],
      ],
      0,
    ],
    [
      [
        [2, 3],
        [0, 3],
      ],
      0,
    ],
    [
      [
        [0, 3],
        [0, 3],
      ],
      0,
    ],
    [
      [
        [2, 0],
        [2, 3],
      ],
      1,
    ],
    // AdamW concatenates all weights.
    [Array.from({ length: 40 }, (_, i) => [1 + ((i * 7) % 11)]), 0],
  ];
  return calls.map(([shapes, axis]) => ({
    name: shapes.length > 5 ? `${shapes.length} vectors` : `${named(...shapes)} along axis ${axis}`,
    inputs: shapes.map((shape) => draw.float(shape)),
    forward: (parts) => concat([...parts], axis),
  }));
}

function stackCases(): ContractCase[] {
  const draw = new Draw('stack');
  const calls: readonly (readonly [count: number, Shape])[] = [
    [1, [3]],
    [3, []],
    [7, [4, 5]],
    [2, [1, 1]],
    [2, [0, 3]],
    [4, [2, 3, 2]],
  ];
  return calls.map(([count, shape]) => ({
    name: `${count} of ${named(shape)}`,
    inputs: Array.from({ length: count }, () => draw.float(shape)),
    forward: (parts) => stack([...parts]),
  }));
}

function splitCases(): ContractCase[] {
  const draw = new Draw('split');
  const calls: readonly (readonly [Shape, parts: number | number[], axis: number])[] = [
    [[6], 3, 0],
    [[0, 4], 2, 1],
    [[3, 6], [4, 2], 1],
    [[2, 3, 8], 4, 2], // query, key, value and residual, side by side
    [[4, 3, 2], 2, 0],
  ];
  return calls.map(([shape, parts, axis]) => ({
    name: `${named(shape)} in ${parts}, axis ${axis}`,
    inputs: [draw.float(shape)],
    forward: ([x]) => split(x!, parts, axis),
  }));
}

function tileCases(): ContractCase[] {
  const draw = new Draw('tile');
  const calls: readonly (readonly [Shape, number[]])[] = [
    [[1], [5]],
    [[3], [2]],
    [
      [3, 1],
      [1, 4],
    ], // a mask over an image's tokens
    [
      [1, 2, 4],
      [3, 1, 1],
    ], // the Q-Former's queries
    [
      [2, 3],
      [2, 2],
    ],
    [
      [2, 3],
      [1, 1],
    ],
    [
      [1, 2, 1, 3],
      [2, 1, 3, 1],
    ],
    [
      [1, 3],
      [0, 1],
    ], // an empty batch
    [
      [0, 2],
      [3, 1],
    ],
  ];
  return calls.map(([shape, times]) => ({
    name: `${named(shape)}, ${times.join(' × ')} times`,
    inputs: [draw.float(shape)],
    forward: ([x]: readonly Tensor[]) => tile(x!, times),
    // No package needs the gradient of an empty tensor.
    ...(sizeOf(times) === 0 ? { differentiable: false } : {}),
  }));
}

function reverseCases(): ContractCase[] {
  const draw = new Draw('reverse');
  const calls: readonly (readonly [Shape, number[]])[] = [
    [[5], [0]],
    [[3, 4], [1]],
    [[3, 4], [0]],
    [
      [2, 3, 4],
      [0, 2],
    ],
    [
      [1, 1],
      [0, 1],
    ],
    [[0, 3], [0]],
  ];
  return calls.map(([shape, axes]) => ({
    name: `${named(shape)} along ${axes}`,
    inputs: [draw.float(shape)],
    forward: ([x]: readonly Tensor[]) => reverse(x!, axes),
  }));
}
