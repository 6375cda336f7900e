import { PadV2, Tile } from '@tensorflow/tfjs-core';
import { putInto, stridesOf } from '../../copy-block.js';
import { copy } from '../copy.js';
import type { CudaKernel } from '../cuda-kernel.js';

export const padKernel: CudaKernel = {
  name: PadV2,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    const paddings = attrs['paddings'] as [number, number][];
    if (paddings.every(([before, after]) => before + after === 0)) return cuda.share(x);
    const shape = x.shape.map((size, i) => paddings[i]![0] + size + paddings[i]![1]);
    const begin = paddings.map(([before]) => before);
    return copy(cuda, [x], shape, [putInto(shape, begin, x.shape)], attrs['constantValue'] as number);
  },
};

export const tileKernel: CudaKernel = {
  name: Tile,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    const reps = attrs['reps'] as number[];
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
    return copy(cuda, [x], shape, [block]);
  },
};
