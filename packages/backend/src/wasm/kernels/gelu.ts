import { util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/**
 * `Gelu`: `x · Φ(x)` of float32 `x`, and with the attribute `slope` of 1 as a second output `Φ(x) + x · φ(x)`, which a gradient is to be
 * multiplied by. TensorFlow.js has no such kernel: whoever finds it registered (nn's `gelu` does) makes one pass of what else takes a
 * dozen.
 */
export const geluKernel: WasmKernel = {
  name: 'Gelu',
  run: ({ backend, inputs, attrs }) => {
    const x = inputs['x']!;
    const { exports } = kernelsOf(backend);
    const count = util.sizeFromShape(x.shape);
    const out = backend.makeOutput(x.shape, 'float32');
    if (attrs['slope'] !== 1) {
      exports.gelu(addressOf(backend, x), addressOf(backend, out), count);
      return out;
    }
    const slope = backend.makeOutput(x.shape, 'float32');
    exports.geluAndSlope(addressOf(backend, x), addressOf(backend, out), addressOf(backend, slope), count);
    return [out, slope];
  },
};
