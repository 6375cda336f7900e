import {
  Add,
  AddN,
  Atan2,
  backend_util,
  type DataType,
  EluGrad,
  Equal,
  FloorDiv,
  Greater,
  GreaterEqual,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalOr,
  Maximum,
  Minimum,
  Mod,
  Multiply,
  NotEqual,
  Pow,
  Prelu,
  RealDiv,
  SquaredDifference,
  Sub,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { joinAxes, stridesOf } from '../../copy-block.js';
import type { CudaBackend } from '../cuda-backend.js';
import { type CudaKernel, runEach } from '../cuda-kernel.js';
import { cast } from './cast.js';

const AXES = 6; // As in binary.cu.

type Kind = 'float' | 'same' | 'predicate';

/** What a kernel computes with: floats only; floats or ints, with a result of that type; or with a bool as result. */
const BINARY: readonly (readonly [name: string, kernel: string, kind: Kind])[] = [
  [Add, 'add', 'same'],
  [Sub, 'sub', 'same'],
  [Multiply, 'multiply', 'same'],
  [Maximum, 'maximum', 'same'],
  [Minimum, 'minimum', 'same'],
  [Mod, 'modulo', 'same'],
  [Pow, 'power', 'same'],
  [SquaredDifference, 'squared_difference', 'same'],
  [RealDiv, 'divide', 'float'],
  [Atan2, 'atan2', 'float'],
  [Equal, 'equal', 'predicate'],
  [NotEqual, 'not_equal', 'predicate'],
  [Greater, 'greater', 'predicate'],
  [GreaterEqual, 'greater_equal', 'predicate'],
  [Less, 'less', 'predicate'],
  [LessEqual, 'less_equal', 'predicate'],
];

export const BINARY_KERNELS: readonly CudaKernel[] = [
  ...BINARY.map(
    ([name, kernel, kind]): CudaKernel => ({
      name,
      run: ({ cuda, inputs: { a, b } }) => binary(cuda, kernel, kind, a!, b!),
    }),
  ),
  { name: FloorDiv, run: ({ cuda, inputs: { a, b } }) => floorDiv(cuda, a!, b!) },
  { name: LogicalAnd, run: ({ cuda, inputs: { a, b } }) => broadcast(cuda, 'logical_and', a!, b!, 'bool') },
  { name: LogicalOr, run: ({ cuda, inputs: { a, b } }) => broadcast(cuda, 'logical_or', a!, b!, 'bool') },
  { name: Prelu, run: ({ cuda, inputs: { x, alpha } }) => broadcast(cuda, 'prelu_float', x!, alpha!, 'float32') },
  { name: EluGrad, run: ({ cuda, inputs: { dy, y } }) => broadcast(cuda, 'elu_gradient_float', dy!, y!, 'float32') },
  {
    name: AddN,
    run: ({ cuda, inputs }) => {
      const [first, ...others] = Object.values(inputs) as [TensorInfo, ...TensorInfo[]];
      let total = cuda.share(first);
      for (const other of others) {
        const next = binary(cuda, 'add', 'same', total, other);
        cuda.release(total);
        total = next;
      }
      return total;
    },
  },
];

/** TensorFlow.js has made the types of both inputs equal, except that a kernel may compute with another. */
export function binary(cuda: CudaBackend, kernel: string, kind: Kind, a: TensorInfo, b: TensorInfo): TensorInfo {
  const whole = kind !== 'float' && a.dtype !== 'float32' && b.dtype !== 'float32';
  const type = whole ? 'int32' : 'float32';
  const [x, y] = [cast(cuda, a, type), cast(cuda, b, type)];
  const out = broadcast(cuda, `${kernel}_${whole ? 'int' : 'float'}`, x, y, kind === 'predicate' ? 'bool' : type);
  cuda.release(x);
  cuda.release(y);
  return out;
}

/** The quotient rounded down, which is an int for ints. */
function floorDiv(cuda: CudaBackend, a: TensorInfo, b: TensorInfo): TensorInfo {
  const quotient = binary(cuda, 'floor_div', 'same', a, b);
  const out = cast(cuda, quotient, 'int32');
  cuda.release(quotient);
  return out;
}

/** Runs a kernel of binary.cu on each pair of elements. */
export function broadcast(
  cuda: CudaBackend,
  kernel: string,
  a: TensorInfo,
  b: TensorInfo,
  dtype: DataType,
): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const out = cuda.output(shape, dtype);
  const { sizes, fromStrides, toStrides } = joinAxes({
    from: 0,
    to: 0,
    sizes: shape,
    fromStrides: stridesWithin(a.shape, shape),
    toStrides: stridesWithin(b.shape, shape),
  });
  const lastFirst = (values: readonly number[]) =>
    [...values].reverse().concat(new Array(AXES - values.length).fill(0));
  runEach(
    cuda,
    kernel,
    util.sizeFromShape(shape),
    [cuda.address(a), cuda.address(b), cuda.address(out)],
    [sizes.length, ...lastFirst(sizes), ...lastFirst(fromStrides), ...lastFirst(toStrides)],
  );
  return out;
}

/** Strides of a tensor along the axes of the shape to which it broadcasts. */
function stridesWithin(shape: readonly number[], whole: readonly number[]): number[] {
  const own = stridesOf(shape);
  const missing = whole.length - shape.length;
  return whole.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]!));
}
