import { Slice } from '@tensorflow/tfjs-core';
import { planSlice } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const sliceKernel: TensorFlowKernel = {
  name: Slice,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    return memory.holds(x) ? copy(memory, [x], planSlice(x, attrs)) : engineKernel();
  },
};
