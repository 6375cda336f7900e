import { Tile } from '@tensorflow/tfjs-core';
import { planTile } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const tileKernel: TensorFlowKernel = {
  name: Tile,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    return memory.holds(x) ? copy(memory, [x], planTile(x, attrs)) : engineKernel();
  },
};
