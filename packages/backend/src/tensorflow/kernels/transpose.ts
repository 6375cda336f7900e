import { Transpose } from '@tensorflow/tfjs-core';
import { stridesOf } from '../../copy-block.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const transposeKernel: TensorFlowKernel = {
  name: Transpose,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    const perm = attrs['perm'] as number[];
    if (!memory.holds(x)) return engineKernel();
    if (perm.every((axis, i) => axis === i)) return memory.share(x);
    const shape = perm.map((axis) => x.shape[axis]!);
    const strides = stridesOf(x.shape);
    const fromStrides = perm.map((axis) => strides[axis]!);
    return copy(memory, [x], shape, [{ from: 0, to: 0, sizes: shape, fromStrides, toStrides: stridesOf(shape) }]);
  },
};
