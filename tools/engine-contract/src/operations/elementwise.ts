import {
  abs,
  cast,
  clone,
  erf,
  exp,
  log,
  log1p,
  neg,
  relu,
  rsqrt,
  sigmoid,
  softplus,
  sqrt,
  square,
  type Tensor,
  tanh,
} from '@tensorflow/tfjs-core';
import type { ContractCase, HostTensor, Operation, Precision } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';

const INF = Number.POSITIVE_INFINITY;
const SHAPES: readonly (readonly number[])[] = [[], [1], [1, 1, 1], [0], [3, 0, 2], [7, 5], [2, 3, 4, 5], [1003]];

interface Unary {
  readonly name: string;
  readonly f: (x: Tensor) => Tensor;
  readonly precision: Precision;
  /** Draws arguments away from kinks and poles. */
  readonly arguments: (draw: Draw, shape: readonly number[]) => HostTensor;
  /** Special arguments. */
  readonly special: readonly number[];
  /** See {@link ContractCase}. */
  readonly magnitude?: number;
}

const anywhere = (draw: Draw, shape: readonly number[]) => draw.float(shape, -3, 3);
const offZero = (draw: Draw, shape: readonly number[]) => draw.awayFromZero(shape);
const positive = (draw: Draw, shape: readonly number[]) => draw.float(shape, 0.2, 4);

const UNARY: readonly Unary[] = [
  { name: 'abs', f: abs, precision: 'arithmetic', arguments: offZero, special: [INF, -INF, Number.NaN, -0, -3e38] },
  { name: 'neg', f: neg, precision: 'arithmetic', arguments: anywhere, special: [INF, -INF, Number.NaN, 0, 3e38] },
  {
    name: 'relu',
    f: relu,
    precision: 'arithmetic',
    arguments: offZero,
    special: [INF, -INF, Number.NaN, 0, -0, -3e38],
  },
  {
    name: 'square',
    f: square,
    precision: 'arithmetic',
    arguments: anywhere,
    special: [INF, -INF, Number.NaN, 0, 3e38],
  },
  // e^88.8 overflows float32, e^−104 underflows, and padding adds −10⁹ to a logit.
  {
    name: 'exp',
    f: exp,
    precision: 'transcendental',
    arguments: anywhere,
    special: [INF, -INF, Number.NaN, 0, 88, 88.8, -87, -104, -1e9],
  },
  // The packages call it with a sum of exponentials, one of which is 1.
  {
    name: 'log',
    f: log,
    precision: 'transcendental',
    arguments: positive,
    special: [INF, Number.NaN, 1, 1e-3, 3e38],
    magnitude: 1,
  },
  // The packages call it with e^−|z|, which is in 0 … 1. At −1, SwiftShader returns −88 for −∞; no package relies on
  // it. WGSL has only log(1 + x), with an error near 0 of the 6e-8 by which 1 + x is rounded.
  {
    name: 'log1p',
    f: log1p,
    precision: 'transcendental',
    arguments: positive,
    special: [INF, Number.NaN, 0, 1e-3, 3e38],
    magnitude: 1,
  },
  // The reference's polynomial (Abramowitz and Stegun, 7.1.26) has an error of up to 1.5e-7, also near 0.
  {
    name: 'erf',
    f: erf,
    precision: 'transcendental',
    arguments: anywhere,
    special: [INF, -INF, Number.NaN, 0, 5, -5, 30],
    magnitude: 1,
  },
  // Its gradient is 1 − tanh².
  {
    name: 'tanh',
    f: tanh,
    precision: 'transcendental',
    arguments: anywhere,
    special: [INF, -INF, Number.NaN, 0, 15, -90],
    magnitude: 1,
  },
  {
    name: 'sqrt',
    f: sqrt,
    precision: 'transcendental',
    arguments: positive,
    special: [INF, Number.NaN, 0, -1, 1e-30, 3e38],
  },
  {
    name: 'rsqrt',
    f: rsqrt,
    precision: 'transcendental',
    arguments: positive,
    special: [INF, Number.NaN, 0, -1, 1e-30, 3e38],
  },
  {
    name: 'sigmoid',
    f: sigmoid,
    precision: 'transcendental',
    arguments: anywhere,
    special: [INF, -INF, Number.NaN, 0, 15, -90],
    magnitude: 1,
  },
  {
    name: 'softplus',
    f: softplus,
    precision: 'transcendental',
    arguments: anywhere,
    special: [Number.NaN, 0, 20, -20, 100, -100],
    magnitude: 1,
  },
];

export const ELEMENTWISE: readonly Operation[] = [
  ...UNARY.map(({ name, f, precision, arguments: argumentsOf, special, magnitude }): Operation => {
    const draw = new Draw(name);
    const common = { forward: ([x]: readonly Tensor[]) => f(x!), ...(magnitude === undefined ? {} : { magnitude }) };
    const shapes = [...SHAPES, draw.shape(2, 20), draw.shape(3, 9), draw.shape(5, 4)];
    const random = shapes.map(
      (shape): ContractCase => ({ name: named(shape), inputs: [argumentsOf(draw, shape)], ...common }),
    );
    const values = { name: special.join(', '), inputs: [given(special)], ...common, smooth: false };
    return { name, precision, cases: [...random, values] };
  }),
  { name: 'cast', precision: 'exact', cases: castCases() },
  { name: 'clone', precision: 'exact', cases: cloneCases() },
];

function castCases(): ContractCase[] {
  const draw = new Draw('cast');
  const to = (dtype: 'float32' | 'int32' | 'bool', name: string, x: HostTensor): ContractCase => ({
    name: `${name} to ${dtype}`,
    inputs: [x],
    forward: ([value]) => cast(value!, dtype),
    differentiable: x.dtype === 'float32' && dtype === 'float32',
  });
  return [
    to('float32', 'float32', draw.float([3, 4])),
    to('float32', 'bool [2, 5]', draw.bool([2, 5])),
    to('float32', 'bool [0]', draw.bool([0])),
    to('float32', 'int32', draw.int([7], 100)),
    to('int32', 'float32, truncated towards zero,', given([1.9, -1.9, 0, -0.5, 1e6])),
    to('int32', 'bool', draw.bool([3, 3])),
    to('bool', 'float32', given([0, 1, -2, 0.25])),
  ];
}

function cloneCases(): ContractCase[] {
  const draw = new Draw('clone');
  const copy = ([x]: readonly Tensor[]) => clone(x!);
  return [
    { name: 'float32', inputs: [draw.float([3, 4])], forward: copy },
    { name: 'empty', inputs: [draw.float([0, 4])], forward: copy },
    { name: 'int32', inputs: [draw.int([5], 9)], forward: copy, differentiable: false },
    { name: 'bool', inputs: [draw.bool([5])], forward: copy, differentiable: false },
  ];
}
