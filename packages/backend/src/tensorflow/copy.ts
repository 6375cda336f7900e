import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type CopyBlock, joinAxes } from '../copy-block.js';
import type { TensorMemory } from './tensor-memory.js';
import { runNative } from './tensorflow-kernel.js';

/** Copies one block of each input into a new tensor. @param fill the value of entries that no block covers. */
export function copy(
  memory: TensorMemory,
  inputs: readonly TensorInfo[],
  shape: number[],
  blocks: readonly CopyBlock[],
  fill?: number,
): TensorInfo {
  const { dtype } = inputs[0]!;
  const numbers = [util.bytesPerElement(dtype), Number(fill !== undefined), fill ?? 0];
  for (const block of blocks) {
    const { from, to, sizes, fromStrides, toStrides } = joinAxes(block);
    numbers.push(sizes.length, from, to, ...sizes, ...fromStrides, ...toStrides);
  }
  return runNative(memory, 'Copy', inputs, { shape, dtype }, numbers);
}
