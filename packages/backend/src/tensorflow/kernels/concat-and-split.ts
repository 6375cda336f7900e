import { Concat, Pack, SplitV, type TensorInfo, Unpack } from '@tensorflow/tfjs-core';
import { planConcat, planPack, planSplit, planUnpack } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { TensorMemory } from '../tensor-memory.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const splitKernel: TensorFlowKernel = {
  name: SplitV,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    return memory.holds(x) ? planSplit(x, attrs).map((plan) => copy(memory, [x], plan)) : engineKernel();
  },
};

export const unpackKernel: TensorFlowKernel = {
  name: Unpack,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['value']!;
    return memory.holds(x) ? planUnpack(x, attrs).map((plan) => copy(memory, [x], plan)) : engineKernel();
  },
};

export const concatKernel: TensorFlowKernel = {
  name: Concat,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    return alike(memory, parts) ? copy(memory, parts, planConcat(parts, attrs)) : engineKernel();
  },
};

export const packKernel: TensorFlowKernel = {
  name: Pack,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    return alike(memory, parts) ? copy(memory, parts, planPack('Pack on tensorflow', parts, attrs)) : engineKernel();
  },
};

function alike(memory: TensorMemory, parts: readonly TensorInfo[]): boolean {
  return parts.every((part) => part.dtype === parts[0]!.dtype && memory.holds(part));
}
