import type { TensorInfo } from '@tensorflow/tfjs-core';
import { expectShape, layerNormRows } from '../../fused-kernels/check-shapes.js';
import { runNative, runNativeAll, type TensorFlowFusedKernel } from '../tensorflow-kernel.js';

export const layerNorm: TensorFlowFusedKernel<'LayerNorm'> = ({ memory, inputs, attributes }) => {
  const { x, scale, shift } = inputs;
  const { rows, width } = layerNormRows('LayerNorm on tensorflow', x, { scale, shift });
  return runNative(memory, 'LayerNorm', [x, scale, shift], x, [rows, width, attributes.epsilon]);
};

export const layerNormGradient: TensorFlowFusedKernel<'LayerNormGradient'> = ({ memory, inputs, attributes }) => {
  const { x, scale, dy } = inputs;
  const { rows, width } = layerNormRows('LayerNormGradient on tensorflow', x, { scale });
  expectShape('LayerNormGradient on tensorflow', 'dy', dy, x.shape);
  const numbers = [rows, width, attributes.epsilon];
  const gradients = runNativeAll(memory, 'LayerNormGradient', [x, dy, scale], [x, scale, scale], numbers);
  return gradients as [TensorInfo, TensorInfo, TensorInfo];
};
