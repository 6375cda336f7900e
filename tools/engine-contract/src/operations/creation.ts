import {
  eye,
  ones,
  randomNormal,
  randomUniform,
  scalar,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  tensor4d,
  tidy,
  truncatedNormal,
  variable,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw, given } from '../draw.js';

const SPECIAL = [1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3.4e38];

/** Uploaded values do not change, and drawn values depend only on the seed. */
export const CREATION: readonly Operation[] = [
  operation('tensor', {
    'float32, special values': () => tensor(Float32Array.from(SPECIAL), [2, 3]),
    empty: () => tensor(new Float32Array(0), [0, 3]),
    int32: () => tensor(Int32Array.of(1, -2, 2 ** 30), [3], 'int32'),
    bool: () => tensor(Uint8Array.of(1, 0), [2], 'bool'),
  }),
  operation('scalar', { number: () => scalar(-0.1) }),
  operation('tensor1d', {
    float32: () => tensor1d(Float32Array.from(SPECIAL)),
    'an array': () => tensor1d([0.1, 0.2]),
    int32: () => tensor1d(Int32Array.of(3, 0, -1), 'int32'),
    empty: () => tensor1d(new Float32Array(0)),
    'int32, empty': () => tensor1d([], 'int32'),
  }),
  operation('tensor2d', {
    float32: () => tensor2d(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    empty: () => tensor2d(new Float32Array(0), [0, 3]),
  }),
  operation('tensor4d', {
    pixels: () =>
      tensor4d(
        Float32Array.from({ length: 24 }, (_, i) => i * 10),
        [2, 2, 2, 3],
      ),
    empty: () => tensor4d(new Float32Array(0), [0, 2, 2, 3]),
  }),
  operation('zeros', { scalar: () => zeros([]), matrix: () => zeros([2, 3]), empty: () => zeros([0, 2]) }),
  operation('ones', { vector: () => ones([4]), empty: () => ones([2, 0]), int32: () => ones([2], 'int32') }),
  operation('eye', { 'one value': () => eye(1), square: () => eye(4) }),
  { name: 'zerosLike', precision: 'exact', cases: zerosLikeCases() },
  { name: 'variable', precision: 'exact', cases: variableCases() },
  operation('randomUniform', {
    'weights of a layer': () => randomUniform([3, 4], -0.7, 0.7, 'float32', 7),
    'seed 0': () => randomUniform([5], 0, 1, 'float32', 0),
    empty: () => randomUniform([0, 3], 0, 1, 'float32', 7),
  }),
  operation('truncatedNormal', { embeddings: () => truncatedNormal([4, 5], 0, 0.02, 'float32', 3) }),
  operation('randomNormal', { weights: () => randomNormal([4, 5], 0, 0.5, 'float32', 3) }),
];

function operation(name: string, makers: Readonly<Record<string, () => Tensor>>): Operation {
  const cases = Object.entries(makers).map(([caseName, make]) => ({
    name: caseName,
    inputs: [],
    forward: make,
    differentiable: false,
  }));
  return { name, precision: 'exact', cases };
}

function zerosLikeCases(): ContractCase[] {
  const like = ([x]: readonly Tensor[]) => zerosLike(x!);
  const draw = new Draw('zerosLike');
  return [
    { name: 'float32', inputs: [draw.float([2, 3])], forward: like },
    { name: 'NaN and inf', inputs: [given([Number.NaN, Number.POSITIVE_INFINITY])], forward: like },
    { name: 'empty', inputs: [draw.float([0, 3])], forward: like },
    { name: 'int32', inputs: [draw.int([4], 9)], forward: like },
  ].map((each) => ({ ...each, differentiable: false }));
}

/** A variable has the assigned value, and disposing the assigned tensor does not change it. */
function variableCases(): ContractCase[] {
  const draw = new Draw('variable');
  return [
    {
      name: 'assigned twice',
      inputs: [draw.float([3, 2])],
      forward: ([x]) => {
        const held = variable(zeros([3, 2]));
        tidy(() => held.assign(x!.clone()));
        const first = held.clone();
        tidy(() => held.assign(ones([3, 2])));
        const second = held.clone();
        held.dispose();
        return [first, second];
      },
      differentiable: false,
    },
  ];
}
