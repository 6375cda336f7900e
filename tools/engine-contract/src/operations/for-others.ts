import { conv2d, depthwiseConv2d, einsum, type Tensor, type Tensor4D, where } from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw, named } from '../draw.js';

/** Operations that no package calls. `@sifaka/backend` adds them to the wasm engine for other people's models. */
export const FOR_OTHERS: readonly Operation[] = [
  { name: 'conv2d', precision: 'sum', cases: convolutionCases('conv2d', conv2d as Convolution) },
  {
    name: 'depthwiseConv2d',
    precision: 'sum',
    cases: convolutionCases('depthwiseConv2d', depthwiseConv2d as Convolution),
  },
  { name: 'einsum', precision: 'sum', cases: einsumCases() },
  { name: 'where', precision: 'exact', cases: whereCases() },
];

type Convolution = (
  x: Tensor,
  filter: Tensor4D,
  strides: number | [number, number],
  pad: 'valid' | 'same',
  dataFormat?: 'NHWC',
  dilations?: number | [number, number],
) => Tensor;

/** Images are `[B, height, width, channels]`. tensorflow refuses padding by a number, so it is not tested. */
function convolutionCases(name: string, f: Convolution): ContractCase[] {
  const draw = new Draw(name);
  const calls = [
    { image: [1, 4, 4, 1], filter: [2, 2, 1, 1], strides: 1, pad: 'valid' },
    { image: [2, 5, 6, 3], filter: [3, 3, 3, 2], strides: 1, pad: 'same' },
    { image: [2, 8, 8, 3], filter: [4, 4, 3, 5], strides: 4, pad: 'valid' }, // patches
    { image: [1, 7, 5, 2], filter: [3, 2, 2, 3], strides: 2, pad: 'same' },
    { image: [2, 5, 4, 4], filter: [1, 1, 4, 2], strides: 1, pad: 'valid' },
  ] as const;
  return calls.map(({ image, filter, strides, pad }) => ({
    name: `${named(image, filter)}, strides ${strides}, pad ${pad}`,
    inputs: [draw.float(image), draw.float(filter)],
    forward: ([x, weights]) => f(x!, weights as Tensor4D, strides, pad),
  }));
}

/** Forward only, because TensorFlow.js has no gradient for it. */
function einsumCases(): ContractCase[] {
  const draw = new Draw('einsum');
  const calls = [
    ['ij,jk->ik', [3, 4], [4, 5]],
    ['bij,bkj->bik', [2, 3, 4], [2, 5, 4]],
    ['bhld,bhsd->bhls', [2, 2, 3, 4], [2, 2, 5, 4]],
    ['i,j->ij', [3], [4]],
    ['ij->ji', [3, 4]],
    ['ij->i', [3, 4]],
  ] as const;
  return calls.map(([equation, ...shapes]) => ({
    name: `${equation} of ${named(...shapes)}`,
    inputs: shapes.map((shape) => draw.float(shape)),
    forward: (operands) => einsum(equation, ...operands),
    differentiable: false,
  }));
}

function whereCases(): ContractCase[] {
  const draw = new Draw('where');
  const shapes = [[], [1], [7], [3, 4], [2, 3, 4], [0, 3]];
  return shapes.map((shape) => ({
    name: named(shape),
    inputs: [draw.bool(shape), draw.float(shape), draw.float(shape)],
    forward: ([condition, a, b]) => where(condition!, a!, b!),
  }));
}
