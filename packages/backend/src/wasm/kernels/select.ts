import { Select, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/** `where(condition, t, e)` of three equal shapes: `where` broadcasts its arguments first. */
export const selectKernel: WasmKernel = {
  name: Select,
  run: (call) => {
    const { backend, inputs } = call;
    const condition = inputs['condition']!;
    const yes = inputs['t']!;
    const no = inputs['e']!;
    const words = yes.dtype === no.dtype && (yes.dtype === 'float32' || yes.dtype === 'int32');
    const aligned = util.arraysEqual(condition.shape, yes.shape) && util.arraysEqual(yes.shape, no.shape);
    if (!words || !aligned) return call.engineKernel();
    const out = backend.makeOutput(yes.shape, yes.dtype);
    kernelsOf(backend).exports.select(
      addressOf(backend, condition),
      addressOf(backend, yes),
      addressOf(backend, no),
      addressOf(backend, out),
      util.sizeFromShape(yes.shape),
    );
    return out;
  },
};
