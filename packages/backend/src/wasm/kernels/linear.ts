import { util } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../wasm-kernel.js';
import { batchMatMul } from './batch-mat-mul.js';

/**
 * `Linear`: `x W + b` of `x [..., K]`, `weight [K, N]` and, if given, `bias [N]`, as `[..., N]`. TensorFlow.js has no such kernel; nn's
 * `Linear` finds it and saves two reshapes and a pass over the output.
 */
export const linearKernel: WasmKernel = {
  name: 'Linear',
  run: ({ backend, inputs }) => {
    const x = inputs['x']!;
    const weight = inputs['weight']!;
    const rows = util.sizeFromShape(x.shape.slice(0, -1));
    const [inner = 0, width = 0] = weight.shape;
    if (weight.shape.length !== 2 || x.shape.at(-1) !== inner) {
      throw new Error(`Linear on wasm: expected x of shape [..., ${inner}], got [${x.shape}]`);
    }
    const flat = { dataId: x.dataId, shape: [rows, inner], dtype: x.dtype };
    const product = batchMatMul(backend, flat, weight, false, false, inputs['bias']);
    return { ...product, shape: [...x.shape.slice(0, -1), width] };
  },
};
