import { BatchMatMul, util } from '@tensorflow/tfjs-core';
import { product } from '../product.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

/**
 * `op(A) op(B)` over the last two axes, of two equal stacks or of one matrix and a stack. Other stacks go to
 * libtensorflow.
 */
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
    // One matrix B for all: the products are the rows of a single tall product.
    if (bCount === 1 && !transposeA) return product(memory, { a, b, batch: 1, m: batch * m, n, k, transposeB, shape });
    return product(memory, { a, b, batch, m, n, k, transposeA, transposeB, shape });
  },
};
