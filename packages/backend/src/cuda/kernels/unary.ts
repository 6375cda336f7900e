import {
  Abs,
  Ceil,
  ClipByValue,
  Cos,
  Elu,
  Erf,
  Exp,
  Expm1,
  Floor,
  IsFinite,
  IsInf,
  IsNan,
  LeakyRelu,
  Log,
  Log1p,
  LogicalNot,
  type NamedAttrMap,
  Neg,
  Reciprocal,
  Relu,
  Relu6,
  Round,
  Rsqrt,
  Selu,
  Sigmoid,
  Sign,
  Sin,
  Softplus,
  Sqrt,
  Square,
  Step,
  Tan,
  Tanh,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { CudaBackend } from '../cuda-backend.js';
import { type CudaKernel, refuseTypes, runEach } from '../cuda-kernel.js';
import { cast } from './cast.js';

/** The numbers among a kernel's attributes. */
type Numbers = (attrs: NamedAttrMap) => readonly number[];

/** Functions of a float; an int becomes one. */
const OF_FLOATS: readonly (readonly [name: string, kernel: string, numbers?: Numbers])[] = [
  [Reciprocal, 'reciprocal'],
  [Sqrt, 'sqrt'],
  [Rsqrt, 'rsqrt'],
  [Exp, 'exp'],
  [Expm1, 'expm1'],
  [Log, 'log'],
  [Log1p, 'log1p'],
  [Erf, 'erf'],
  [Sin, 'sin'],
  [Cos, 'cos'],
  [Tan, 'tan'],
  [Tanh, 'tanh'],
  [Sigmoid, 'sigmoid'],
  [Softplus, 'softplus'],
  [LeakyRelu, 'leaky_relu', (attrs) => [attrs['alpha'] as number]],
  [Elu, 'elu'],
  [Selu, 'selu'],
  [Step, 'step', (attrs) => [attrs['alpha'] as number]],
];

/** Functions that keep the type of their argument. */
const OF_BOTH: readonly (readonly [name: string, kernel: string, numbers?: Numbers])[] = [
  [Abs, 'abs'],
  [Neg, 'neg'],
  [Square, 'square'],
  [Sign, 'sign'],
  [Relu, 'relu'],
  [Relu6, 'relu6'],
  [ClipByValue, 'clip', (attrs) => [attrs['clipValueMin'] as number, attrs['clipValueMax'] as number]],
];

const ROUNDING = [
  [Floor, 'floor'],
  [Ceil, 'ceil'],
  [Round, 'round'],
] as const;

/** Predicates of a float. */
const PREDICATES = [
  [IsNan, 'is_nan'],
  [IsInf, 'is_inf'],
  [IsFinite, 'is_finite'],
] as const;

export const UNARY_KERNELS: readonly CudaKernel[] = [
  ...OF_FLOATS.map(
    ([name, kernel, numbers = () => []]): CudaKernel => ({
      name,
      run: ({ cuda, inputs, attrs }) => {
        const x = cast(cuda, inputs['x']!, 'float32');
        const out = unary(cuda, `${kernel}_float`, x, 'float32', numbers(attrs));
        cuda.release(x);
        return out;
      },
    }),
  ),
  ...OF_BOTH.map(
    ([name, kernel, numbers = () => []]): CudaKernel => ({
      name,
      run: ({ cuda, inputs, attrs }) => {
        const x = inputs['x']!;
        if (x.dtype === 'bool') refuseTypes(name, x.dtype);
        const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
        return unary(cuda, `${kernel}_${dtype === 'int32' ? 'int' : 'float'}`, x, dtype, numbers(attrs));
      },
    }),
  ),
  ...ROUNDING.map(
    ([name, kernel]): CudaKernel => ({
      name,
      run: ({ cuda, inputs: { x } }) =>
        x!.dtype === 'float32' ? unary(cuda, `${kernel}_float`, x!, 'float32') : cuda.share(x!),
    }),
  ),
  ...PREDICATES.map(
    ([name, kernel]): CudaKernel => ({
      name,
      run: ({ cuda, inputs }) => {
        const x = cast(cuda, inputs['x']!, 'float32');
        const out = unary(cuda, kernel, x, 'bool');
        cuda.release(x);
        return out;
      },
    }),
  ),
  { name: LogicalNot, run: ({ cuda, inputs: { x } }) => unary(cuda, 'logical_not', x!, 'bool') },
];

/** Applies a kernel of unary.cu to each element. @param numbers at most two. */
export function unary(
  cuda: CudaBackend,
  kernel: string,
  x: TensorInfo,
  dtype: 'float32' | 'int32' | 'bool',
  [p = 0, q = 0]: readonly number[] = [],
): TensorInfo {
  const out = cuda.output(x.shape, dtype);
  runEach(cuda, kernel, util.sizeFromShape(x.shape), [cuda.address(x), cuda.address(out)], [], [p, q]);
  return out;
}
