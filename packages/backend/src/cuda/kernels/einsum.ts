import { Einsum } from '@tensorflow/tfjs-core';
import { composeEinsum } from '../../compose-einsum.js';
import type { CudaKernel } from '../cuda-kernel.js';

export const einsumKernel: CudaKernel = {
  name: Einsum,
  run: ({ cuda, inputs, attrs }) => composeEinsum({ inputs, attrs, backend: cuda }, 'cuda'),
};
