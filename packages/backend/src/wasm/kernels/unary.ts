import { Erf, Exp, Rsqrt, Softplus, Sqrt, Tanh, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

// Four elements at a time. The engine calls the C library for each element.

export const erfKernel: WasmKernel = elementwise(Erf, 'erf');
export const expKernel: WasmKernel = elementwise(Exp, 'exp');
export const rsqrtKernel: WasmKernel = elementwise(Rsqrt, 'rsqrt');
export const softplusKernel: WasmKernel = elementwise(Softplus, 'softplus');
export const sqrtKernel: WasmKernel = elementwise(Sqrt, 'sqrt');
export const tanhKernel: WasmKernel = elementwise(Tanh, 'tanh');

function elementwise(name: string, entry: 'erf' | 'exp' | 'rsqrt' | 'softplus' | 'sqrt' | 'tanh'): WasmKernel {
  return {
    name,
    run: (call) => {
      const { backend, inputs } = call;
      const x = inputs['x']!;
      if (x.dtype !== 'float32') return call.engineKernel();
      const out = backend.makeOutput(x.shape, 'float32');
      const count = util.sizeFromShape(x.shape);
      kernelsOf(backend).exports[entry](addressOf(backend, x), addressOf(backend, out), count);
      return out;
    },
  };
}
