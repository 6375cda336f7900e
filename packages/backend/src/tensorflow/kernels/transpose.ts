import { Transpose } from '@tensorflow/tfjs-core';
import { planTranspose } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const transposeKernel: TensorFlowKernel = {
  name: Transpose,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (!memory.holds(x)) return engineKernel();
    const plan = planTranspose(x, attrs['perm'] as number[]);
    return plan === undefined ? memory.share(x) : copy(memory, [x], plan);
  },
};
