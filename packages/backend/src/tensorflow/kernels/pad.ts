import { PadV2 } from '@tensorflow/tfjs-core';
import { planPad } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const padKernel: TensorFlowKernel = {
  name: PadV2,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (x.dtype !== 'float32') return engineKernel();
    const plan = planPad(x, attrs);
    return plan === undefined ? memory.share(x) : copy(memory, [x], plan);
  },
};
