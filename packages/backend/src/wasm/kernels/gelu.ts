import { util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmFusedKernel } from '../wasm-kernel.js';

export const gelu: WasmFusedKernel<'Gelu'> = ({ backend, inputs: { x }, attributes }) => {
  const { exports } = kernelsOf(backend);
  const count = util.sizeFromShape(x.shape);
  const out = backend.makeOutput(x.shape, 'float32');
  if (attributes.slope !== 1) {
    exports.gelu(addressOf(backend, x), addressOf(backend, out), count);
    return out;
  }
  const slope = backend.makeOutput(x.shape, 'float32');
  exports.geluAndSlope(addressOf(backend, x), addressOf(backend, out), addressOf(backend, slope), count);
  return [out, slope];
};
