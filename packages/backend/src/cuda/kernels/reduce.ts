import {
  All,
  Any,
  ArgMax,
  ArgMin,
  backend_util,
  Cumsum,
  Max,
  Mean,
  Min,
  Prod,
  Sum,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { reductionBlocks } from '../../reduction-blocks.js';
import { type CudaCall, type CudaKernel, refuseTypes, runEach } from '../cuda-kernel.js';
import { type Reduction, reduce } from '../reduce.js';
import { cast } from './cast.js';

type Type = 'float32' | 'int32' | 'bool';

/** Each with the type that it computes with, from that of its input. */
const REDUCTIONS: readonly (readonly [name: string, reduction: Reduction, typeOf: (type: Type) => Type])[] = [
  [Sum, 'sum', (type) => (type === 'bool' ? 'int32' : type)],
  [Prod, 'product', (type) => (type === 'bool' ? 'int32' : type)],
  [Max, 'max', (type) => type],
  [Min, 'min', (type) => type],
  [Any, 'max', () => 'bool'],
  [All, 'min', () => 'bool'],
];

export const REDUCE_KERNELS: readonly CudaKernel[] = [
  ...REDUCTIONS.map(([name, reduction, typeOf]): CudaKernel => ({ name, run: (call) => run(call, reduction, typeOf) })),
  {
    name: Mean,
    run: (call) =>
      run(
        call,
        'sum',
        () => 'float32',
        (count) => 1 / Math.max(1, count),
      ),
  },
  { name: Cumsum, run: cumulate },
  { name: ArgMax, run: (call) => argument(call, 'arg_max') },
  { name: ArgMin, run: (call) => argument(call, 'arg_min') },
];

/** @param scaleOf the factor of the result, from the number of values that are reduced. */
function run(
  { cuda, inputs, attrs }: CudaCall,
  reduction: Reduction,
  typeOf: (type: Type) => Type,
  scaleOf: (count: number) => number = () => 1,
): TensorInfo {
  const x = inputs['x']!;
  // TensorFlow.js gives Max, and no other, its axes under another name.
  const axes = util.parseAxisParam((attrs['axis'] ?? attrs['reductionIndices']) as number[], x.shape);
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  const shape = attrs['keepDims']
    ? backend_util.expandShapeToKeepDim(
        kept,
        [...axes].sort((a, b) => a - b),
      )
    : kept;
  const count = util.sizeFromShape(axes.map((axis) => x.shape[axis]!));
  const given = cast(cuda, x, typeOf(x.dtype as Type));
  const out = reduce(cuda, reduction, given, axes, shape, scaleOf(count));
  cuda.release(given);
  return out;
}

function argument({ cuda, inputs, attrs }: CudaCall, kernel: 'arg_max' | 'arg_min'): TensorInfo {
  const x = cast(cuda, inputs['x']!, 'float32');
  const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
  const { middle, inner } = reductionBlocks(x.shape, [axis])!;
  const out = cuda.output(
    x.shape.filter((_, i) => i !== axis),
    'int32',
  );
  const outputs = util.sizeFromShape(out.shape);
  runEach(cuda, kernel, outputs, [cuda.address(x), cuda.address(out)], [middle, inner]);
  cuda.release(x);
  return out;
}

function cumulate({ cuda, inputs, attrs }: CudaCall): TensorInfo {
  const x = inputs['x']!;
  if (x.dtype !== 'float32') refuseTypes(Cumsum, x.dtype);
  const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0] ?? 0;
  const { outer, middle, inner } = reductionBlocks(x.shape, [axis])!;
  const out = cuda.output(x.shape);
  const numbers = [middle, inner, Number(Boolean(attrs['exclusive'])), Number(Boolean(attrs['reverse']))];
  runEach(cuda, 'cumulative_sum', outer * inner, [cuda.address(x), cuda.address(out)], numbers);
  return out;
}
