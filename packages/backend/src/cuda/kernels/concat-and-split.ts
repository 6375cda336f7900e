import { Concat, Pack, SplitV, type TensorInfo, Unpack } from '@tensorflow/tfjs-core';
import { planConcat, planPack, planSplit, planUnpack } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { CudaKernel } from '../cuda-kernel.js';

export const splitKernel: CudaKernel = {
  name: SplitV,
  run: ({ cuda, inputs: { x }, attrs }) => planSplit(x!, attrs).map((plan) => copy(cuda, [x!], plan)),
};

export const unpackKernel: CudaKernel = {
  name: Unpack,
  run: ({ cuda, inputs: { value }, attrs }) => planUnpack(value!, attrs).map((plan) => copy(cuda, [value!], plan)),
};

export const concatKernel: CudaKernel = {
  name: Concat,
  run: ({ cuda, inputs, attrs }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    return copy(cuda, parts, planConcat(parts, attrs));
  },
};

export const packKernel: CudaKernel = {
  name: Pack,
  run: ({ cuda, inputs, attrs }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    return copy(cuda, parts, planPack('Pack on cuda', parts, attrs));
  },
};
