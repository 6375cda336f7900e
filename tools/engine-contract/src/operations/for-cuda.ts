import {
  all,
  any,
  isFinite as areFinite,
  isInf as areInfinite,
  isNaN as areNaN,
  argMax,
  argMin,
  atan2,
  cast,
  ceil,
  clipByValue,
  cos,
  cumsum,
  elu,
  expm1,
  fill,
  floor,
  floorDiv,
  leakyRelu,
  linspace,
  logicalAnd,
  logicalNot,
  logicalOr,
  min,
  mod,
  notEqual,
  oneHot,
  onesLike,
  prod,
  range,
  reciprocal,
  relu6,
  round,
  selu,
  sign,
  sin,
  squaredDifference,
  stridedSlice,
  type Tensor,
  tan,
  tensor1d,
} from '@tensorflow/tfjs-core';
import type { ContractCase, Operation, Precision } from '../contract-case.js';
import { Draw, named } from '../draw.js';

// Operations that no package calls. The cuda engine, whose kernels are all our own, has them for other people's models.
// Values are plain: no infinities, and nothing near a pole.

const SHAPES: readonly (readonly number[])[] = [[], [0], [5, 7]];

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

const UNARY: readonly (readonly [name: string, f: Unary, precision: Precision, low: number, high: number])[] = [
  ['ceil', ceil, 'exact', -3, 3],
  ['floor', floor, 'exact', -3, 3],
  ['round', round, 'exact', -3, 3],
  ['sign', sign, 'exact', 0.2, 3],
  ['isNaN', areNaN, 'exact', -3, 3],
  ['isInf', areInfinite, 'exact', -3, 3],
  ['isFinite', areFinite, 'exact', -3, 3],
  ['onesLike', onesLike, 'exact', -3, 3],
  ['relu6', relu6, 'arithmetic', 0.1, 5.9],
  ['leakyRelu', (x) => leakyRelu(x, 0.1), 'arithmetic', -3, -0.1],
  ['clipByValue', (x) => clipByValue(x, -1, 2), 'arithmetic', -0.9, 1.9],
  ['reciprocal', reciprocal, 'arithmetic', 0.5, 3],
  ['sin', sin, 'trigonometric', 0.3, 1.2],
  ['cos', cos, 'trigonometric', 0.3, 1.2],
  ['tan', tan, 'trigonometric', 0.3, 1.2],
  ['expm1', expm1, 'transcendental', 0.5, 2],
  ['elu', elu, 'transcendental', -3, -0.5],
  ['selu', selu, 'transcendental', -3, -0.5],
];

const BINARY: readonly (readonly [name: string, f: Binary, precision: Precision])[] = [
  ['notEqual', notEqual, 'exact'],
  ['squaredDifference', squaredDifference, 'arithmetic'],
  ['mod', mod, 'sum'],
  // TensorFlow.js leaves the type of a quotient of floats to the engine.
  ['floorDiv', (a, b) => cast(floorDiv(a, b), 'int32'), 'exact'],
  ['atan2', atan2, 'transcendental'],
];

export const FOR_CUDA: readonly Operation[] = [
  ...UNARY.map(([name, f, precision, low, high]): Operation => {
    const draw = new Draw(name);
    const cases = SHAPES.map(
      (shape): ContractCase => ({
        name: named(shape),
        inputs: [draw.float(shape, low, high)],
        forward: ([x]) => f(x!),
        differentiable: false,
        magnitude: 1,
      }),
    );
    return { name, precision, cases };
  }),
  { name: 'the gradient of elu', precision: 'transcendental', cases: [eluSlope()] },
  ...BINARY.map(([name, f, precision]): Operation => {
    const draw = new Draw(name);
    const inputs = [draw.float([4, 3], 2.1, 2.9), draw.float([3], 0.8, 0.9)];
    const forward: ContractCase['forward'] = ([a, b]) => f(a!, b!);
    return { name, precision, cases: [{ name: 'broadcast', inputs, forward, differentiable: false, magnitude: 1 }] };
  }),
  questions('logicalAnd', ([a, b]) => logicalAnd(a!, b!)),
  questions('logicalOr', ([a, b]) => logicalOr(a!, b!)),
  questions('logicalNot', ([a]) => logicalNot(a!)),
  questions('all', ([a]) => [all(a!, 1), all(a!)]),
  questions('any', ([a]) => [any(a!, 1), any(a!)]),
  created('fill', () => [fill([2, 3], -0.5), fill([4], 7, 'int32')]),
  created('range', () => [range(0, 5, 2), range(3, -4, -1, 'int32'), range(0, 0)]),
  created('linspace', () => linspace(0, 4, 5)),
  created('oneHot', () => oneHot(tensor1d([2, 0, 3], 'int32'), 4)),
  moved('argMax', ([x]) => [argMax(x!, 1), argMax(x!, 0)]),
  moved('argMin', ([x]) => [argMin(x!, 1), argMin(x!, 0)]),
  moved('min', ([x]) => [min(x!, 1), min(x!, 0, true), min(x!)]),
  moved('stridedSlice', ([x]) => [stridedSlice(x!, [1, 6], [5, 0], [2, -2]), stridedSlice(x!, [0], [3], [1])]),
  moved('prod', ([x]) => [prod(x!, 1), prod(x!)], 'sum'),
  moved('cumsum', ([x]) => [cumsum(x!, 1), cumsum(x!, 0, true), cumsum(x!, 1, true, true)], 'sum'),
];

function eluSlope(): ContractCase {
  const inputs = [new Draw('elu, gradient').float([5, 7], -3, -0.5)];
  return { name: named([5, 7]), inputs, forward: ([x]) => elu(x!), magnitude: 1 };
}

/** Of bools. */
function questions(name: string, forward: ContractCase['forward']): Operation {
  const draw = new Draw(name);
  const inputs = [draw.bool([4, 5]), draw.bool([4, 5])];
  return { name, precision: 'exact', cases: [{ name: named([4, 5]), inputs, forward, differentiable: false }] };
}

function created(name: string, forward: ContractCase['forward']): Operation {
  return { name, precision: 'exact', cases: [{ name: 'values', inputs: [], forward, differentiable: false }] };
}

/** Of a matrix of distinct values. */
function moved(name: string, forward: ContractCase['forward'], precision: Precision = 'exact'): Operation {
  const inputs = [new Draw(name).distinct([6, 7])];
  return { name, precision, cases: [{ name: named([6, 7]), inputs, forward, differentiable: false }] };
}
