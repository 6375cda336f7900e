import { util } from '@tensorflow/tfjs-core';
import { runNative, runNativeAll, type TensorFlowCall, type TensorFlowKernel } from '../tensorflow-kernel.js';

/** `LayerNorm`: `(x − mean) / √(variance + epsilon) · scale + shift` over the last axis of `x [..., D]`; `scale` and `shift` `[D]`. */
export const layerNormKernel: TensorFlowKernel = {
  name: 'LayerNorm',
  run: (call) => {
    const { memory, inputs } = call;
    expectVectors('LayerNorm', call, ['scale', 'shift']);
    const [x, scale, shift] = [inputs['x']!, inputs['scale']!, inputs['shift']!];
    return runNative(memory, 'LayerNorm', [x, scale, shift], x, numbersOf(call));
  },
};

/** `LayerNormGradient`: of `x`, `scale` and `shift`, in this order, for the gradient `dy` of the output. */
export const layerNormGradientKernel: TensorFlowKernel = {
  name: 'LayerNormGradient',
  run: (call) => {
    const { memory, inputs } = call;
    expectVectors('LayerNormGradient', call, ['scale']);
    const [x, dy, scale] = [inputs['x']!, inputs['dy']!, inputs['scale']!];
    if (x.shape.join() !== dy.shape.join()) {
      throw new Error(`LayerNormGradient on tensorflow: expected dy of shape [${x.shape}], got [${dy.shape}]`);
    }
    return runNativeAll(memory, 'LayerNormGradient', [x, dy, scale], [x, scale, scale], numbersOf(call));
  },
};

/** Rows, their width, and epsilon. */
function numbersOf({ inputs, attrs }: TensorFlowCall): number[] {
  const { shape } = inputs['x']!;
  return [util.sizeFromShape(shape.slice(0, -1)), shape.at(-1)!, attrs['epsilon'] as number];
}

function expectVectors(name: string, { inputs }: TensorFlowCall, vectors: readonly string[]): void {
  const width = inputs['x']!.shape.at(-1) ?? 0;
  for (const vector of vectors) {
    const { shape } = inputs[vector]!;
    if (shape.length === 1 && shape[0] === width) continue;
    throw new Error(`${name} on tensorflow: expected ${vector} of shape [${width}], got [${shape}]`);
  }
}
