import { util } from '@tensorflow/tfjs-core';
import { adamWInputs } from '../../fused-kernels/check-shapes.js';
import { runNative, runNativeAll, type TensorFlowFusedKernel } from '../tensorflow-kernel.js';

export const adamW: TensorFlowFusedKernel<'AdamW'> = ({ memory, inputs, attributes }) => {
  const { first, second, weights, gradients, sizes } = adamWInputs('AdamW on tensorflow', inputs);
  const { clip, beta1, beta2, epsilon, rates, decays } = attributes;
  const numbers = sizes.flatMap((size, i) => [size, rates[i]!, decays[i]!]);
  const outputs = weights.map(({ shape }) => ({ shape }));
  const all = [first, second, ...weights, ...gradients];
  return runNativeAll(memory, 'AdamW', all, outputs, [clip, beta1, beta2, epsilon, ...numbers]);
};

export const globalNorm: TensorFlowFusedKernel<'GlobalNorm'> = ({ memory, inputs }) => {
  const all = Object.values(inputs);
  const sizes = all.map(({ shape }) => util.sizeFromShape(shape));
  return runNative(memory, 'GlobalNorm', all, { shape: [] }, sizes);
};
