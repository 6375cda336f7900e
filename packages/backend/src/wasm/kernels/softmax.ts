import { Softmax, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/** `softmax` over the last axis, the only one that TensorFlow.js allows. */
export const softmaxKernel: WasmKernel = {
  name: Softmax,
  run: (call) => {
    const { backend, inputs } = call;
    const logits = inputs['logits']!;
    if (logits.dtype !== 'float32') return call.engineKernel();
    const out = backend.makeOutput(logits.shape, 'float32');
    const width = logits.shape.at(-1)!;
    const rows = util.sizeFromShape(logits.shape.slice(0, -1));
    if (width > 0) kernelsOf(backend).exports.softmax(addressOf(backend, logits), addressOf(backend, out), rows, width);
    return out;
  },
};
