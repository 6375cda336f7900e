import { PadV2, Tile } from '@tensorflow/tfjs-core';
import { planPad, planTile } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { CudaKernel } from '../cuda-kernel.js';

export const padKernel: CudaKernel = {
  name: PadV2,
  run: ({ cuda, inputs: { x }, attrs }) => {
    const plan = planPad(x!, attrs);
    return plan === undefined ? cuda.share(x!) : copy(cuda, [x!], plan);
  },
};

export const tileKernel: CudaKernel = {
  name: Tile,
  run: ({ cuda, inputs: { x }, attrs }) => copy(cuda, [x!], planTile(x!, attrs)),
};
