import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { joinAxes } from '../copy-block.js';
import type { CopyPlan } from '../copy-plans.js';
import type { CudaBackend } from './cuda-backend.js';
import { runEach } from './cuda-kernel.js';
import { fillAt } from './kernels/fill.js';

const AXES = 12; // As in copy.cu.

/** Copies one block of each input into a new tensor. */
export function copy(cuda: CudaBackend, inputs: readonly TensorInfo[], { shape, blocks, fill }: CopyPlan): TensorInfo {
  const { dtype } = inputs[0]!;
  const out = cuda.output(shape, dtype);
  if (fill !== undefined) fillAt(cuda, cuda.address(out), util.sizeFromShape(shape), fill, dtype);
  const kernel = dtype === 'bool' ? 'copy_1' : 'copy_4';
  for (const [i, block] of blocks.entries()) {
    const size = util.sizeFromShape([...block.sizes]);
    const { from, to, sizes, fromStrides, toStrides } = joinAxes(block);
    const lastFirst = (values: readonly number[]) =>
      [...values].reverse().concat(new Array(AXES - values.length).fill(0));
    const numbers = [from, to, sizes.length, ...lastFirst(sizes), ...lastFirst(fromStrides), ...lastFirst(toStrides)];
    runEach(cuda, kernel, size, [cuda.address(inputs[i]!), cuda.address(out)], numbers);
  }
  return out;
}
