import type { TensorFlowKernel } from './tensorflow-kernel.js';

/**
 * `Gelu`: `x · Φ(x)` of float32 `x`, and with the attribute `slope` of 1 as a second output `Φ(x) + x · φ(x)`, which a gradient is to be
 * multiplied by.
 */
export const geluKernel: TensorFlowKernel = {
  name: 'Gelu',
  run: ({ backend, inputs, attrs }) =>
    attrs['slope'] === 1
      ? backend.executeMultipleOutputs('SifakaGeluAndSlope', [], [inputs['x']!], 2)
      : backend.executeMultipleOutputs('SifakaGelu', [], [inputs['x']!], 1),
};
