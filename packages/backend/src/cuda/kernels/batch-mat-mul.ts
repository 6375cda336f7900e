import { _FusedMatMul, BatchMatMul, backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { CudaBackend } from '../cuda-backend.js';
import { type CudaKernel, refuseTypes } from '../cuda-kernel.js';
import { type Matrices, product } from '../product.js';
import { broadcast } from './binary.js';
import { unary } from './unary.js';

export const batchMatMulKernel: CudaKernel = {
  name: BatchMatMul,
  run: ({ cuda, inputs: { a, b }, attrs }) =>
    matMul(cuda, a!, b!, Boolean(attrs['transposeA']), Boolean(attrs['transposeB'])),
};

/** Activations of `fused.matMul` that are a kernel of unary.cu. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'relu_float',
  relu6: 'relu6_float',
  elu: 'elu_float',
  sigmoid: 'sigmoid_float',
  leakyrelu: 'leaky_relu_float',
};

export const fusedMatMulKernel: CudaKernel = {
  name: _FusedMatMul,
  run: ({ cuda, inputs, attrs }) => {
    const [transposeA, transposeB] = [Boolean(attrs['transposeA']), Boolean(attrs['transposeB'])];
    let out = matMul(cuda, inputs['a']!, inputs['b']!, transposeA, transposeB);
    const replace = (next: TensorInfo) => {
      cuda.release(out);
      out = next;
    };
    const { bias, preluActivationWeights: weights } = inputs;
    if (bias) replace(broadcast(cuda, 'add_float', out, bias, 'float32'));
    const activation = (attrs['activation'] as string | null) ?? 'linear';
    if (activation === 'prelu') replace(broadcast(cuda, 'prelu_float', out, weights!, 'float32'));
    else if (activation !== 'linear') {
      const kernel = ACTIVATIONS[activation];
      if (kernel === undefined) throw new Error(`_FusedMatMul on cuda: there is no activation '${activation}'`);
      const slope = attrs['leakyreluAlpha'] as number | undefined;
      replace(unary(cuda, kernel, out, 'float32', slope === undefined ? [] : [slope]));
    }
    return out;
  },
};

/** `op(a) op(b)` over the last two axes of stacks that broadcast. */
export function matMul(
  cuda: CudaBackend,
  a: TensorInfo,
  b: TensorInfo,
  transposeA = false,
  transposeB = false,
): TensorInfo {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') refuseTypes(BatchMatMul, a.dtype, b.dtype);
  const [m, k] = matrixSize(a, transposeA);
  const [inner, n] = matrixSize(b, transposeB);
  if (k !== inner) throw new Error(`BatchMatMul on cuda: expected equal inner lengths, got ${k} and ${inner}`);
  const [aStack, bStack] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const stack = backend_util.assertAndGetBroadcastShape(aStack, bStack);
  const count = util.sizeFromShape(stack);
  const shape = [...stack, m, n];
  // One matrix B for all: the products are the rows of a single tall product.
  if (util.sizeFromShape(bStack) === 1 && !transposeA) {
    const [x, y] = [matrices(a, false, 0), matrices(b, transposeB, 0)];
    return product(cuda, { x, y, batch: 1, heads: 1, m: count * m, n, k }, shape);
  }
  const x = matrices(a, transposeA, util.sizeFromShape(aStack));
  const y = matrices(b, transposeB, util.sizeFromShape(bStack));
  const whole = (size: number) => size === 1 || size === count;
  if (!whole(util.sizeFromShape(aStack)) || !whole(util.sizeFromShape(bStack))) {
    throw new Error(`BatchMatMul on cuda: expected equal stacks, or one matrix, got [${a.shape}] and [${b.shape}]`);
  }
  return product(cuda, { x, y, batch: count, heads: 1, m, n, k }, shape);
}

function matrixSize({ shape }: TensorInfo, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

/** @param count number of matrices; one is repeated. */
function matrices(tensor: TensorInfo, transposed: boolean, count: number): Matrices {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const batch = count > 1 ? rows * columns : 0;
  const head = 0;
  return transposed
    ? { tensor, row: 1, column: columns, batch, head }
    : { tensor, row: columns, column: 1, batch, head };
}
