import { fused, matMul, softmax, type Tensor } from '@tensorflow/tfjs-core';
import type { ContractCase, HostTensor, Operation } from '../contract-case.js';
import { Draw, given, named, sizeOf } from '../draw.js';

export const PRODUCTS: readonly Operation[] = [
  { name: 'matMul', precision: 'sum', cases: matMulCases() },
  // No package calls it. @sifaka/backend has a wasm kernel for it, for other people's models.
  { name: 'fused.matMul', precision: 'sum', cases: fusedMatMulCases() },
  { name: 'softmax', precision: 'sum', cases: softmaxCases() },
];

interface ProductSizes {
  readonly batch?: readonly number[];
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/**
 * Batch axes are equal. With broadcasting, TensorFlow.js' gradient is wrong on every engine, so the packages fold these
 * axes.
 */
function matMulCases(): ContractCase[] {
  const draw = new Draw('matMul');
  const random = (): ProductSizes => ({
    rows: 1 + draw.below(40),
    inner: 1 + draw.below(40),
    columns: 1 + draw.below(40),
  });
  const sizes: ProductSizes[] = [
    { rows: 1, inner: 1, columns: 1 },
    { rows: 1, inner: 7, columns: 5 },
    { rows: 5, inner: 7, columns: 1 }, // a head
    { rows: 6, inner: 1, columns: 4 },
    { rows: 65, inner: 33, columns: 17 }, // not a multiple of any block
    { rows: 8, inner: 300, columns: 12 },
    { rows: 130, inner: 270, columns: 25 }, // large enough for threads
    { rows: 20, inner: 1100, columns: 40 }, // a weight's gradient, with sums long enough to be split
    random(),
    random(),
    { batch: [3], rows: 4, inner: 5, columns: 6 },
    { batch: [1], rows: 9, inner: 8, columns: 7 },
    { batch: [5], rows: 1, inner: 16, columns: 9 }, // the history decoder's query
    { batch: [2, 3], rows: 7, inner: 4, columns: 5 }, // attention
    { batch: [2, 2], ...random() },
    { batch: [3], rows: 100, inner: 20, columns: 33 },
    { batch: [33], rows: 2, inner: 3, columns: 1 },
    { rows: 0, inner: 3, columns: 4 },
    { rows: 2, inner: 3, columns: 0 },
    { rows: 2, inner: 0, columns: 4 }, // empty sums are zero
    { batch: [0], rows: 2, inner: 3, columns: 4 },
    { batch: [2, 0], rows: 2, inner: 3, columns: 4 },
  ];
  return [
    ...sizes.flatMap((each) =>
      [false, true].flatMap((transposeA) =>
        [false, true].map((transposeB) => productCase(draw, each, transposeA, transposeB)),
      ),
    ),
    {
      name: 'a NaN affects its own row, an inf its own column',
      inputs: [given([1, Number.NaN, 2, 3, 4, 5], [3, 2]), given([1, 2, Number.POSITIVE_INFINITY, 1, 2, 3], [2, 3])],
      forward: ([a, b]) => matMul(a!, b!),
      smooth: false,
    },
    { name: 'a matrix and itself', inputs: [draw.float([6, 6])], forward: ([a]) => matMul(a!, a!, false, true) },
  ];
}

function productCase(
  draw: Draw,
  { batch = [], rows, inner, columns }: ProductSizes,
  transposeA: boolean,
  transposeB: boolean,
): ContractCase {
  const a = [...batch, ...(transposeA ? [inner, rows] : [rows, inner])];
  const b = [...batch, ...(transposeB ? [columns, inner] : [inner, columns])];
  return {
    name: `${named(a)}${transposeA ? 'ᵀ' : ''} and ${named(b)}${transposeB ? 'ᵀ' : ''}`,
    inputs: [draw.float(a), draw.float(b)],
    forward: ([left, right]) => matMul(left!, right!, transposeA, transposeB),
  };
}

/** Called as layers call it: two axes, and a bias with one. The activation is fused only in the forward pass. */
function fusedMatMulCases(): ContractCase[] {
  const draw = new Draw('fused.matMul');
  const sizes = [
    [1, 1, 1],
    [5, 7, 6],
    [1, 9, 4],
    [33, 17, 65],
    [6, 1, 3],
    [0, 3, 4],
  ] as const;
  const activations = [undefined, 'relu'] as const;
  return sizes.flatMap(([rows, inner, columns]) =>
    activations.flatMap((activation) =>
      [true, false].map(
        (biased): ContractCase => ({
          name: `${named([rows, inner], [inner, columns])}${biased ? ' with a bias' : ''}, ${activation ?? 'linear'}`,
          // Positive, so that the kink of relu is far away.
          inputs: [
            draw.float([rows, inner], 0.1, 1),
            draw.float([inner, columns], 0.1, 1),
            ...(biased ? [draw.float([columns], 0.1, 1)] : []),
          ],
          forward: ([a, b, bias]) =>
            fused.matMul({
              a: a as Tensor,
              b: b as Tensor,
              ...(bias === undefined ? {} : { bias }),
              ...(activation === undefined ? {} : { activation }),
            }),
        }),
      ),
    ),
  );
}

/** Over the last axis. */
function softmaxCases(): ContractCase[] {
  const draw = new Draw('softmax');
  const forward = ([x]: readonly Tensor[]) => softmax(x!);
  const shapes = [[1], [6], [4, 1], [1, 5], [3, 7], [2, 3, 4, 5], [3, 1, 5], [5, 130], [0, 4], [2, 0, 3]];
  const extreme = (caseName: string, x: HostTensor): ContractCase => ({
    name: caseName,
    inputs: [x],
    forward,
    smooth: false,
    magnitude: 1, // if one weight is 1, the gradient cancels to 0
  });
  return [
    ...[...shapes, draw.shape(2, 12), draw.shape(3), draw.shape(4)].map((shape) => ({
      name: named(shape),
      inputs: [draw.float(shape)],
      forward,
      magnitude: 1,
    })),
    extreme('logits in the thousands', scaled(draw.float([4, 6]), 3000)),
    extreme('cosines times 50', scaled(draw.float([4, 9], -1, 1), 50)),
    extreme('padding: −10⁹ added', masked(draw.float([5, 6]), 3)),
    extreme('a row of padding alone', masked(draw.float([2, 4]), 0)),
    extreme('a single −inf', given([1, Number.NEGATIVE_INFINITY, 2, 0, 1, 3], [2, 3])),
    extreme('a NaN affects its own row', given([1, Number.NaN, 2, 0, 1, 3], [2, 3])),
  ];
}

function scaled(x: HostTensor, factor: number): HostTensor {
  return { ...x, values: Float32Array.from(x.values, (value) => value * factor) };
}

/** Keeps the first `kept` columns of each row. */
function masked(x: HostTensor, kept: number): HostTensor {
  const width = x.shape.at(-1)!;
  const values = Float32Array.from({ length: sizeOf(x.shape) }, (_, i) => x.values[i]! + (i % width < kept ? 0 : -1e9));
  return { ...x, values };
}
