import {
  AdamW,
  causalBias,
  cosineSimilarity,
  dropout,
  gelu,
  geluTanh,
  l2Normalize,
  layerNorm,
  maskedMean,
  paddingBias,
  quickGelu,
  recompute,
  SparseMatrix,
  scaledDotProductAttention,
  sparseMatMul,
  stopGradient,
  withoutTape,
} from '@sifaka/nn';
import { mul, type Tensor, tensor2d, type Variable } from '@tensorflow/tfjs-core';
import type { ContractCase, HostTensor, Operation } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';
import { moduleCase } from './module-case.js';

export const NN_FUNCTIONS: readonly Operation[] = [
  { name: 'gelu', precision: 'module', cases: geluCases('gelu', gelu) },
  { name: 'geluTanh', precision: 'module', cases: geluCases('geluTanh', geluTanh) },
  { name: 'quickGelu', precision: 'module', cases: geluCases('quickGelu', quickGelu) },
  { name: 'layerNorm', precision: 'module', cases: layerNormCases() },
  { name: 'scaledDotProductAttention', precision: 'module', cases: attentionCases() },
  { name: 'paddingBias', precision: 'sum', cases: paddingCases() },
  { name: 'causalBias', precision: 'exact', cases: causalCases() },
  { name: 'l2Normalize', precision: 'module', cases: normalizeCases() },
  { name: 'maskedMean', precision: 'module', cases: maskedMeanCases() },
  { name: 'cosineSimilarity', precision: 'module', cases: cosineCases() },
  { name: 'dropout', precision: 'arithmetic', cases: dropoutCases() },
  { name: 'stopGradient', precision: 'exact', cases: stopGradientCases() },
  { name: 'withoutTape', precision: 'arithmetic', cases: withoutTapeCases() },
  { name: 'recompute', precision: 'module', cases: recomputeCases() },
  { name: 'AdamW', precision: 'module', cases: adamwCases() },
  { name: 'sparseMatMul', precision: 'sum', cases: sparseCases() },
];

function geluCases(name: string, form: (x: Tensor) => Tensor): ContractCase[] {
  const draw = new Draw(name);
  const forward = ([x]: readonly Tensor[]) => form(x!);
  const shapes = [[], [1], [0], [0, 3], [7, 5], [2, 3, 4], [1003], draw.shape(3, 9)];
  return [
    ...shapes.map((shape) => ({ name: named(shape), inputs: [draw.float(shape, -4, 4)], forward, magnitude: 1 })),
    // For large values, the exponential underflows: the result is x or 0, with slope 1 or 0.
    { name: 'large', inputs: [given([0, -0, 8, -8, 30, -30, 1e4, -1e4])], forward, magnitude: 1 },
    { name: 'NaN', inputs: [given([Number.NaN, 1])], forward, smooth: false },
  ];
}

function layerNormCases(): ContractCase[] {
  const draw = new Draw('layerNorm');
  const forward = ([x, scale, shift]: readonly Tensor[]) => layerNorm(x!, scale!, shift!);
  const at = (x: HostTensor): readonly HostTensor[] => {
    const width = x.shape.at(-1)!;
    return [x, draw.float([width]), draw.float([width])];
  };
  const shapes = [[8], [1, 8], [6, 7], [2, 3, 16], [2, 3, 4, 5], [3, 130], [0, 8], [2, 0, 4], draw.shape(3, 9)];
  return [
    ...shapes.map((shape) => ({ name: named(shape), inputs: at(draw.float(shape)), forward, magnitude: 1 })),
    {
      name: 'rows of length 1, which equal their mean',
      inputs: at(draw.float([5, 1])),
      forward,
      magnitude: 316,
    },
    // Variance 0 leaves only ε under the root. The slope is 1/√ε = 316 and cancels.
    {
      name: 'rows of one value',
      inputs: at(given([2, 2, 2, 2, -7, -7, -7, -7], [2, 4])),
      forward,
      smooth: false,
      magnitude: 316,
    },
    // The deviations from the mean keep only four digits.
    { name: 'far from 0', inputs: at({ ...draw.float([3, 8], 990, 1010) }), forward, magnitude: 100, smooth: false },
    {
      name: 'a NaN affects its own row',
      inputs: at(given([1, Number.NaN, 2, 3, 1, 2], [2, 3])),
      forward,
      smooth: false,
    },
  ];
}

function attentionCases(): ContractCase[] {
  const draw = new Draw('attention');
  const plain = ([q, k, v]: readonly Tensor[]) => scaledDotProductAttention(q!, k!, v!);
  const biased = ([q, k, v, bias]: readonly Tensor[]) => scaledDotProductAttention(q!, k!, v!, { bias: bias! });
  const qkv = ([batch, heads, length, source, width]: readonly [number, number, number, number, number]) => [
    draw.float([batch, heads, length, width]),
    draw.float([batch, heads, source, width]),
    draw.float([batch, heads, source, width]),
  ];
  const sizes = [
    [2, 3, 4, 5, 6],
    [1, 1, 1, 1, 1],
    [2, 2, 1, 7, 4], // one query
    [2, 2, 6, 1, 4], // one source token
    [3, 1, 5, 5, 8],
    [1, 4, 17, 17, 16],
    [1, 1, 40, 120, 8], // a long document
    [0, 2, 3, 3, 4],
  ] as const;
  return [
    ...sizes.map((size) => ({
      name: `B, H, L, S, D = ${size.join(', ')}`,
      inputs: qkv(size),
      forward: plain,
      magnitude: 1,
    })),
    {
      name: 'a bias [B, 1, 1, S]',
      inputs: [...qkv([2, 3, 4, 5, 6]), draw.float([2, 1, 1, 5])],
      forward: biased,
      magnitude: 1,
    },
    {
      name: 'a bias [B, H, L, S]',
      inputs: [...qkv([2, 3, 4, 5, 6]), draw.float([2, 3, 4, 5])],
      forward: biased,
      magnitude: 1,
    },
    { name: 'a bias [L, S]', inputs: [...qkv([2, 3, 4, 5, 6]), draw.float([4, 5])], forward: biased, magnitude: 1 },
    {
      name: 'padding, one row of padding alone',
      inputs: [...qkv([2, 2, 3, 4, 5]), given([0, 0, -1e9, -1e9, -1e9, -1e9, -1e9, -1e9], [2, 1, 1, 4])],
      forward: biased,
      magnitude: 1,
      smooth: false,
    },
    {
      name: 'another scale',
      inputs: qkv([2, 2, 3, 4, 5]),
      forward: ([q, k, v]) => scaledDotProductAttention(q!, k!, v!, { scale: 2 }),
      magnitude: 1,
    },
  ];
}

function paddingCases(): ContractCase[] {
  const draw = new Draw('paddingBias');
  return [
    [3, 5],
    [1, 1],
    [0, 4],
  ].map((shape) => ({
    name: named(shape),
    inputs: [draw.mask(shape)],
    forward: ([mask]) => paddingBias(mask!),
    differentiable: false,
  }));
}

function causalCases(): ContractCase[] {
  return [1, 4].map((length) => ({
    name: `${length} tokens`,
    inputs: [],
    forward: () => causalBias(length),
    differentiable: false,
  }));
}

function normalizeCases(): ContractCase[] {
  const draw = new Draw('l2Normalize');
  const forward = ([x]: readonly Tensor[]) => l2Normalize(x!);
  const shapes = [[4], [3, 5], [3, 1], [2, 3, 8], [0, 4], draw.shape(3, 12)];
  return [
    ...shapes.map((shape) => ({ name: named(shape), inputs: [draw.awayFromZero(shape)], forward, magnitude: 1 })),
    // The slope at zero is 1/√10⁻¹².
    { name: 'a zero vector stays zero', inputs: [given([0, 0, 0, 1, 2, 2], [2, 3])], forward, smooth: false },
    { name: 'tiny and large vectors', inputs: [given([1e-4, 2e-4, 1e9, -1e9], [2, 2])], forward, smooth: false },
  ];
}

function cosineCases(): ContractCase[] {
  const draw = new Draw('cosineSimilarity');
  const forward = ([a, b]: readonly Tensor[]) => cosineSimilarity(a!, b!);
  const pairs = [
    [
      [3, 4],
      [3, 4],
    ],
    [[3, 4], [4]],
    [
      [2, 5, 4],
      [2, 1, 4],
    ],
    [[0, 4], [4]],
  ] as const;
  return pairs.map(([a, b]) => ({
    name: named(a, b),
    inputs: [draw.awayFromZero(a), draw.awayFromZero(b)],
    forward,
    magnitude: 1,
  }));
}

function dropoutCases(): ContractCase[] {
  const draw = new Draw('dropout');
  const calls = [
    [[6, 5], 0.5],
    [[2, 3, 4], 0.1],
    [[9], 0],
    [[0, 3], 0.5],
  ] as const;
  return calls.map(([shape, rate]) => ({
    name: `${named(shape)} at rate ${rate}`,
    inputs: [draw.float(shape)],
    forward: ([x]) => dropout(x!, rate, 11),
  }));
}

function stopGradientCases(): ContractCase[] {
  const draw = new Draw('stopGradient');
  return [
    {
      name: 'a factor that is a constant',
      inputs: [draw.float([3, 2])],
      forward: ([x]) => mul(x!, stopGradient(x!)),
      smooth: false, // differences would also move the constant
    },
    { name: 'values', inputs: [draw.float([0, 2])], forward: ([x]) => stopGradient(x!), differentiable: false },
  ];
}

function withoutTapeCases(): ContractCase[] {
  return [
    {
      name: 'a factor that is a constant',
      inputs: [new Draw('withoutTape').float([3, 2])],
      forward: ([x]) =>
        mul(
          x!,
          withoutTape(() => mul(x!, x!)),
        ),
      smooth: false, // differences would also move the constant
    },
  ];
}

function recomputeCases(): ContractCase[] {
  const draw = new Draw('recompute');
  return [[4], [2, 3], [0, 3]].map((shape) => ({
    name: named(shape),
    inputs: [draw.float(shape)],
    forward: ([x]) => recompute(x!, [], (each) => mul(gelu(each), each)),
    magnitude: 1,
  }));
}

/** Three updates of weights of rank 1, 2 and 3. One has no gradient in the second step, one has its own rate. */
function adamwCases(): ContractCase[] {
  const draw = new Draw('AdamW');
  const shapes = [[3, 4], [4], [2, 1, 3]];
  const updates = (learningRate: number, gradientScale: number, epsilon: number) => (inputs: readonly Tensor[]) => {
    const weights = inputs.slice(0, 3) as Variable[];
    const optimizer = new AdamW(new Map(weights.map((weight, i) => [`w${i}`, weight])), {
      epsilon,
      weightDecay: 0.1,
      group: (path) => ({ learningRateScale: path === 'w1' ? 0.5 : 1 }),
    });
    for (let step = 0; step < 3; step++) {
      const gradients = inputs.slice(3 + 3 * step, 6 + 3 * step);
      const named = gradients.map((gradient, i) => [`w${i}`, gradient] as const);
      optimizer.apply(new Map(step === 1 ? named.slice(1) : named), { learningRate, gradientScale });
    }
    optimizer.dispose();
    return weights.map((weight) => weight.clone());
  };
  const inputs = [0, 1, 2, 3].flatMap(() => shapes.map((shape) => draw.float(shape)));
  const zero = shapes.map((shape) => ({ ...draw.float(shape), values: draw.float(shape).values.fill(0) }));
  return [
    { name: 'three updates', inputs, forward: updates(0.01, 1, 1e-8) },
    { name: 'clipped gradients', inputs, forward: updates(0.1, 1e-3, 1e-8) },
    {
      name: 'gradients of zero',
      inputs: [...inputs.slice(0, 3), ...zero, ...zero, ...zero],
      forward: updates(0.1, 1, 1e-8),
    },
  ].map((each) => ({ ...each, differentiable: false }));
}

function maskedMeanCases(): ContractCase[] {
  const draw = new Draw('maskedMean');
  return [
    [1, 1, 1],
    [2, 3, 4],
    [3, 5, 1],
    [2, 0, 4],
    [2, 9, 33],
  ].map((shape) => {
    const [batch, length] = shape as [number, number];
    // The first row is padded, the second one is empty if it exists.
    const mask = Float32Array.from({ length: batch * length }, (_, i) => (i === 0 || i >= 2 * length ? 1 : 0));
    const forward = ([x]: readonly Tensor[]) => maskedMean(x!, tensor2d(mask, [batch, length]));
    return { name: named(shape), inputs: [draw.float(shape)], forward };
  });
}

function sparseCases(): ContractCase[] {
  const draw = new Draw('sparseMatMul');
  /** Owns a matrix of 6 × 7, some of whose rows are empty. */
  const module = () => {
    const rows = Int32Array.from({ length: 12 }, (_, i) => (i * i) % 6);
    const columns = rows.map((row, i) => (row + 3 * i) % 7);
    const values = columns.map((column) => 1 + (column % 3));
    const matrix = new SparseMatrix({ shape: [6, 7], rows, columns, values });
    return { parameters: new Map<string, Variable>(), matrix, dispose: () => matrix.dispose() };
  };
  return [1, 4, 6, 35].flatMap((width) =>
    [[draw.float([7, width])], [draw.float([7, width]), draw.float([6, width])]].map((inputs) =>
      moduleCase({
        name: `width ${width}${inputs.length === 1 ? '' : ', with an addend'}`,
        module,
        inputs,
        forward: ([x, plus], { matrix }) => sparseMatMul(matrix, x!, plus),
        magnitude: 10,
      }),
    ),
  );
}
