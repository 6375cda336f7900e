import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { runNative, runNativeAll, type TensorFlowFusedKernel } from '../tensorflow-kernel.js';

export const gelu: TensorFlowFusedKernel<'Gelu'> = ({ memory, inputs: { x }, attributes }) => {
  const size = util.sizeFromShape(x.shape);
  return attributes.slope === 1
    ? (runNativeAll(memory, 'GeluAndSlope', [x], [x, x], [size]) as [TensorInfo, TensorInfo])
    : runNative(memory, 'Gelu', [x], x, [size]);
};
