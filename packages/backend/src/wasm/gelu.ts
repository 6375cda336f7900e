import { util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from './kernels-module.js';
import type { WasmKernel } from './wasm-kernel.js';

// TensorFlow.js has no such kernels: whoever finds them registered (nn's `gelu` does) makes one pass of what else takes a dozen.

/** `Gelu`: `x · Φ(x)` of float32 `x`. */
export const geluKernel: WasmKernel = {
  name: 'Gelu',
  run: ({ backend, inputs }) => {
    const x = inputs['x']!;
    const out = backend.makeOutput(x.shape, 'float32');
    kernelsOf(backend).exports.gelu(addressOf(backend, x), addressOf(backend, out), util.sizeFromShape(x.shape));
    return out;
  },
};

/** `GeluGradient`: `dy · (Φ(x) + x · φ(x))` of float32 `x` and `dy` of one shape. */
export const geluGradientKernel: WasmKernel = {
  name: 'GeluGradient',
  run: ({ backend, inputs }) => {
    const x = inputs['x']!;
    const dy = inputs['dy']!;
    if (!util.arraysEqual(x.shape, dy.shape)) {
      throw new Error(`GeluGradient on wasm: expected dy of shape [${x.shape}], got [${dy.shape}]`);
    }
    const out = backend.makeOutput(x.shape, 'float32');
    const count = util.sizeFromShape(x.shape);
    kernelsOf(backend).exports.geluGradient(
      addressOf(backend, x),
      addressOf(backend, dy),
      addressOf(backend, out),
      count,
    );
    return out;
  },
};
