import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { KernelCall, WasmKernel } from '../wasm-kernel.js';
import { withWorkingMemory } from '../working-memory.js';

// Kernels that TensorFlow.js does not have, for nn's `layerNorm`: one pass forward and one back, where the composition takes eight and
// a dozen.

/** `LayerNorm`: `(x − mean) / √(variance + epsilon) · scale + shift` over the last axis of `x [..., D]`; `scale` and `shift` `[D]`. */
export const layerNormKernel: WasmKernel = {
  name: 'LayerNorm',
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    const { rows, width } = checkedRows('LayerNorm', call, ['scale', 'shift']);
    const out = backend.makeOutput(x.shape, 'float32');
    kernelsOf(backend).exports.layerNorm(
      addressOf(backend, x),
      addressOf(backend, inputs['scale']!),
      addressOf(backend, inputs['shift']!),
      addressOf(backend, out),
      rows,
      width,
      attrs['epsilon'] as number,
    );
    return out;
  },
};

/** `LayerNormGradient`: of `x`, `scale` and `shift`, in this order, for the gradient `dy` of the output. */
export const layerNormGradientKernel: WasmKernel = {
  name: 'LayerNormGradient',
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    const dy = inputs['dy']!;
    const { rows, width } = checkedRows('LayerNormGradient', call, ['scale']);
    if (!util.arraysEqual(x.shape, dy.shape)) {
      throw new Error(`LayerNormGradient on wasm: expected dy of shape [${x.shape}], got [${dy.shape}]`);
    }
    const [dx, dScale, dShift] = [x.shape, [width], [width]].map((shape) => backend.makeOutput(shape, 'float32'));
    withWorkingMemory(backend, 8 * width, (partial) => {
      kernelsOf(backend).exports.layerNormGradient(
        addressOf(backend, x),
        addressOf(backend, dy),
        addressOf(backend, inputs['scale']!),
        addressOf(backend, dx!),
        addressOf(backend, dScale!),
        addressOf(backend, dShift!),
        partial,
        rows,
        width,
        attrs['epsilon'] as number,
      );
    });
    return [dx!, dScale!, dShift!];
  },
};

function checkedRows(
  name: string,
  { inputs }: KernelCall,
  vectors: readonly string[],
): { readonly rows: number; readonly width: number } {
  const x: TensorInfo = inputs['x']!;
  const width = x.shape.at(-1) ?? 0;
  for (const vector of vectors) {
    const { shape } = inputs[vector]!;
    if (shape.length !== 1 || shape[0] !== width) {
      throw new Error(`${name} on wasm: expected ${vector} of shape [${width}], got [${shape}]`);
    }
  }
  return { rows: util.sizeFromShape(x.shape.slice(0, -1)), width };
}
