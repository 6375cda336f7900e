import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { joinAxes } from '../copy-block.js';
import type { CopyPlan } from '../copy-plans.js';
import type { TensorMemory } from './tensor-memory.js';
import { runNative } from './tensorflow-kernel.js';

/** Copies one block of each input into a new tensor. */
export function copy(
  memory: TensorMemory,
  inputs: readonly TensorInfo[],
  { shape, blocks, fill }: CopyPlan,
): TensorInfo {
  const { dtype } = inputs[0]!;
  const numbers = [util.bytesPerElement(dtype), Number(fill !== undefined), fill ?? 0];
  for (const block of blocks) {
    const { from, to, sizes, fromStrides, toStrides } = joinAxes(block);
    numbers.push(sizes.length, from, to, ...sizes, ...fromStrides, ...toStrides);
  }
  return runNative(memory, 'Copy', inputs, { shape, dtype }, numbers);
}
