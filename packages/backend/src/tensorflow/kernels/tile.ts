import { Tile } from '@tensorflow/tfjs-core';
import { stridesOf } from '../../copy-block.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const tileKernel: TensorFlowKernel = {
  name: Tile,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    const reps = attrs['reps'] as number[];
    if (!memory.holds(x)) return engineKernel();
    const shape = x.shape.map((size, axis) => size * reps[axis]!);
    const [fromStrides, toStrides] = [stridesOf(x.shape), stridesOf(shape)];
    // Each axis becomes two: the copies, and the values that are copied.
    const block = {
      from: 0,
      to: 0,
      sizes: x.shape.flatMap((size, axis) => [reps[axis]!, size]),
      fromStrides: fromStrides.flatMap((stride) => [0, stride]),
      toStrides: toStrides.flatMap((stride, axis) => [stride * x.shape[axis]!, stride]),
    };
    return copy(memory, [x], shape, [block]);
  },
};
