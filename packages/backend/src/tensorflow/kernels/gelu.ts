import { util } from '@tensorflow/tfjs-core';
import { runNative, runNativeAll, type TensorFlowKernel } from '../tensorflow-kernel.js';

/**
 * `Gelu`: `x · Φ(x)` of float32 `x`, and with the attribute `slope` of 1 as a second output `Φ(x) + x · φ(x)`, which a gradient is to be
 * multiplied by.
 */
export const geluKernel: TensorFlowKernel = {
  name: 'Gelu',
  run: ({ memory, inputs, attrs }) => {
    const x = inputs['x']!;
    const size = util.sizeFromShape(x.shape);
    return attrs['slope'] === 1
      ? runNativeAll(memory, 'GeluAndSlope', [x], [x, x], [size])
      : runNative(memory, 'Gelu', [x], x, [size]);
  },
};
