import { Greater, GreaterEqual, Less, LessEqual, Maximum, Minimum, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

// The engine computes these one element at a time. Its sums and products stay: XNNPACK computes them as fast as memory
// allows.

export const maximumKernel: WasmKernel = binary(Maximum, 'maximum');
export const minimumKernel: WasmKernel = binary(Minimum, 'minimum');
export const greaterKernel: WasmKernel = binary(Greater, 'greater');
export const greaterEqualKernel: WasmKernel = binary(GreaterEqual, 'greaterEqual');
export const lessKernel: WasmKernel = binary(Less, 'greater', true);
export const lessEqualKernel: WasmKernel = binary(LessEqual, 'greaterEqual', true);

/** Covers two float32 tensors of the same shape, or one of them a scalar. Other arguments go to the engine's kernel. */
function binary(name: string, entry: 'maximum' | 'minimum' | 'greater' | 'greaterEqual', swapped = false): WasmKernel {
  const dtype = entry.startsWith('greater') ? 'bool' : 'float32';
  return {
    name,
    run: (call) => {
      const { backend, inputs } = call;
      const [a, b] = swapped ? [inputs['b']!, inputs['a']!] : [inputs['a']!, inputs['b']!];
      const same = util.arraysEqual(a.shape, b.shape);
      const fits = same || a.shape.length === 0 || b.shape.length === 0;
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || !fits) return call.engineKernel();
      const { shape } = a.shape.length > b.shape.length ? a : b;
      const out = backend.makeOutput(shape, dtype);
      const step = (of: typeof a): number => (same || of.shape.length > 0 ? 4 : 0);
      kernelsOf(backend).exports[entry](
        addressOf(backend, a),
        step(a),
        addressOf(backend, b),
        step(b),
        addressOf(backend, out),
        util.sizeFromShape(shape),
      );
      return out;
    },
  };
}
