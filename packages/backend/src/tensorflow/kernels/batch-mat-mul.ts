import { BatchMatMul, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { TensorMemory } from '../tensor-memory.js';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

interface Product {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly bias?: TensorInfo | undefined;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Of the output. */
  readonly shape: number[];
}

/** `op(A) op(B)` over the last two axes of stacks of equal length, or of one matrix and a stack; other stacks go to libtensorflow. */
export const batchMatMulKernel: TensorFlowKernel = {
  name: BatchMatMul,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    const [transposeA, transposeB] = [Boolean(attrs['transposeA']), Boolean(attrs['transposeB'])];
    const [aStack, bStack] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const [aCount, bCount] = [util.sizeFromShape(aStack), util.sizeFromShape(bStack)];
    const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
    const [inner, n] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
    const floats = a.dtype === 'float32' && b.dtype === 'float32';
    const equal = aStack.join() === bStack.join();
    if (!floats || k !== inner || !(equal || aCount === 1 || bCount === 1)) return engineKernel();
    const stack = aCount === bCount ? (aStack.length > bStack.length ? aStack : bStack) : aCount > 1 ? aStack : bStack;
    const batch = util.sizeFromShape(stack);
    const shape = [...stack, m, n];
    // One matrix for all: the products are the rows of a single tall one.
    if (bCount === 1 && !transposeA) return product(memory, { a, b, batch: 1, m: batch * m, n, k, transposeB, shape });
    return product(memory, { a, b, batch, m, n, k, transposeA, transposeB, shape });
  },
};

/** `Linear`: `x W + b` of `x [..., K]`, `weight [K, N]` and, if given, `bias [N]`, as `[..., N]`. */
export const linearKernel: TensorFlowKernel = {
  name: 'Linear',
  run: ({ memory, inputs }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']];
    const [k = 0, n = 0] = weight.shape;
    if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
      throw new Error(`Linear on tensorflow: expected x of shape [..., ${k}], got [${x.shape}]`);
    }
    if (bias !== undefined && bias.shape.join() !== `${n}`) {
      throw new Error(`Linear on tensorflow: expected bias of shape [${n}], got [${bias.shape}]`);
    }
    const leading = x.shape.slice(0, -1);
    return product(memory, {
      a: x,
      b: weight,
      bias,
      batch: 1,
      m: util.sizeFromShape(leading),
      n,
      k,
      shape: [...leading, n],
    });
  },
};

function product(memory: TensorMemory, { a, b, bias, shape, ...rest }: Product): TensorInfo {
  const { batch, m, n, k, transposeA = false, transposeB = false } = rest;
  const aStride = util.sizeFromShape(a.shape) === m * k ? 0 : m * k;
  const bStride = util.sizeFromShape(b.shape) === k * n ? 0 : k * n;
  // A single column would fill an eighth of a tile: C[m, 1] = A b is the row bᵀ Aᵀ.
  return n === 1 && m > 1 && bias === undefined
    ? runNative(memory, 'Product', [b, a, undefined], { shape }, [
        batch,
        1,
        m,
        k,
        Number(!transposeB),
        Number(!transposeA),
        bStride,
        aStride,
      ])
    : runNative(memory, 'Product', [a, b, bias], { shape }, [
        batch,
        m,
        n,
        k,
        Number(transposeA),
        Number(transposeB),
        aStride,
        bStride,
      ]);
}
