import {
  add,
  addN,
  div,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  prelu,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { ContractCase, HostTensor, Operation } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';

type Binary = (a: Tensor, b: Tensor | number) => Tensor;

/** Shapes that the modules broadcast, and edge cases. */
const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [[2, 3], []],
  [[], [2, 3]],
  [[3, 4], [4]], // a bias
  [[4], [3, 4]],
  [
    [3, 1, 5],
    [4, 1],
  ], // broadcast both ways
  [[2, 3, 4], [4]],
  [
    [2, 3, 4, 5],
    [2, 1, 1, 5],
  ], // attention logits and padding
  [
    [3, 4, 5],
    [3, 1, 5],
  ], // a bias per token
  [
    [3, 4],
    [3, 1],
  ], // layer norm
  [
    [2, 4, 1],
    [2, 4, 6],
  ],
  [
    [1, 4],
    [5, 4],
  ],
  [
    [0, 3],
    [0, 3],
  ],
  [[0, 3], [3]],
  // No axis of 1 against one of 0: TensorFlow.js has no gradient for it, and no package relies on it.
  [[2, 0, 4], [4]],
  [[0], []],
  [[1003], [1003]], // not a multiple of any vector width
  [
    [67, 1],
    [1, 31],
  ],
];

const SPECIAL = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0, 1.5, 3e38, -3e38];

/** Every pair of special values, element by element. */
const SPECIAL_LEFT = given(SPECIAL.flatMap((a) => SPECIAL.map(() => a)));
const SPECIAL_RIGHT = given(SPECIAL.flatMap(() => SPECIAL));

export const ARITHMETIC: readonly Operation[] = [
  { name: 'add', precision: 'arithmetic', cases: binaryCases('add', add as Binary) },
  { name: 'addN', precision: 'sum', cases: addNCases() },
  { name: 'sub', precision: 'arithmetic', cases: binaryCases('sub', sub as Binary) },
  { name: 'mul', precision: 'arithmetic', cases: [...binaryCases('mul', mul as Binary), mixedTypes()] },
  { name: 'div', precision: 'arithmetic', cases: binaryCases('div', div as Binary) },
  { name: 'greater', precision: 'exact', cases: comparisonCases('greater', greater as Binary) },
  { name: 'greaterEqual', precision: 'exact', cases: comparisonCases('greaterEqual', greaterEqual as Binary) },
  { name: 'maximum', precision: 'exact', cases: kinked(binaryCases('maximum', maximum as Binary)) },
  { name: 'prelu', precision: 'arithmetic', cases: preluCases() },
  // No package calls these three. @sifaka/backend has wasm kernels for them, for other people's models.
  { name: 'less', precision: 'exact', cases: comparisonCases('less', less as Binary) },
  { name: 'lessEqual', precision: 'exact', cases: comparisonCases('lessEqual', lessEqual as Binary) },
  { name: 'minimum', precision: 'exact', cases: kinked(binaryCases('minimum', minimum as Binary)) },
];

/** Slopes per channel. */
function preluCases(): ContractCase[] {
  const draw = new Draw('prelu');
  return [[5], [3, 5], [2, 3, 5], [2, 0, 5], [40, 33]].map((shape) => ({
    name: named(shape),
    inputs: [draw.awayFromZero(shape), draw.float([shape.at(-1)!])],
    forward: ([x, slopes]) => prelu(x!, slopes!),
  }));
}

function binaryCases(name: string, f: Binary): ContractCase[] {
  const draw = new Draw(name);
  const forward = ([a, b]: readonly Tensor[]) => f(a!, b!);
  const random = [1, 2, 3, 4].map((rank) => draw.shape(rank)).map((shape) => [shape, shape] as const);
  return [
    ...[...PAIRS, ...random].map(([a, b]) => ({
      name: named(a, b),
      inputs: [draw.float(a), draw.awayFromZero(b)],
      forward,
    })),
    { name: 'a plain number', inputs: [draw.float([3, 4])], forward: ([a]) => f(a!, -0.3) },
    {
      name: 'a tensor and itself',
      inputs: [draw.awayFromZero([5])],
      forward: ([a]) => f(a!, a!),
    },
    { name: 'inf, NaN, zeros, overflow', inputs: [SPECIAL_LEFT, SPECIAL_RIGHT], forward, smooth: false },
  ];
}

/** There is no slope at equal values, and TensorFlow.js has no gradient with broadcasting. No package relies on it. */
function kinked(cases: readonly ContractCase[]): ContractCase[] {
  return cases.map((each) => {
    const [a, b = a] = each.inputs.map(({ shape }) => shape.join());
    return { ...each, smooth: false, differentiable: a === b };
  });
}

/** Without broadcasting: TensorFlow.js requires equal shapes. */
function addNCases(): ContractCase[] {
  const draw = new Draw('addN');
  const calls: readonly (readonly [count: number, shape: readonly number[]])[] = [
    [1, [3, 4]],
    [2, []],
    [2, [0, 3]],
    [3, [2, 3, 4]],
    [7, [1003]],
  ];
  return calls.map(([count, shape]) => ({
    name: `${count} of ${named(shape)}`,
    inputs: Array.from({ length: count }, () => draw.float(shape)),
    forward: (terms) => addN([...terms]),
  }));
}

/** Pixels are integers that are scaled. */
function mixedTypes(): ContractCase {
  const draw = new Draw('mixed types');
  return {
    name: 'int32 and a plain number',
    inputs: [draw.int([2, 3], 256)],
    forward: ([pixels]) => mul(pixels!, 2 / 255),
    differentiable: false,
  };
}

/** No package uses gradients of comparisons, because masks are constants. */
function comparisonCases(name: string, f: Binary): ContractCase[] {
  const draw = new Draw(name);
  const forward = ([a, b]: readonly Tensor[]) => f(a!, b!);
  const compare = (caseName: string, inputs: readonly HostTensor[]): ContractCase => ({
    name: caseName,
    inputs,
    forward,
    differentiable: false,
  });
  return [
    ...PAIRS.map(([a, b]) => compare(named(a, b), [draw.float(a), draw.float(b)])),
    compare('int32', [draw.int([3, 5], 3), draw.int([3, 5], 3)]),
    compare('equal values', [given([1, 2, 3]), given([1, 2, 2])]),
    compare('inf, NaN, zeros', [SPECIAL_LEFT, SPECIAL_RIGHT]),
    {
      name: 'a plain number',
      inputs: [draw.float([4, 3])],
      forward: ([a]) => f(a!, 0.5),
      differentiable: false,
    },
  ];
}
