import { type TensorFlowCall, type TensorFlowKernel, withNumbers } from './tensorflow-kernel.js';

/** `LayerNorm`: `(x − mean) / √(variance + epsilon) · scale + shift` over the last axis of `x [..., D]`; `scale` and `shift` `[D]`. */
export const layerNormKernel: TensorFlowKernel = {
  name: 'LayerNorm',
  run: (call) => {
    const { backend, inputs, attrs } = call;
    expectVectors('LayerNorm', call, ['scale', 'shift']);
    const [x, scale, shift] = [inputs['x']!, inputs['scale']!, inputs['shift']!];
    return withNumbers([attrs['epsilon'] as number], (epsilon) =>
      backend.executeMultipleOutputs('SifakaLayerNorm', [], [x, scale, shift, epsilon], 1),
    );
  },
};

/** `LayerNormGradient`: of `x`, `scale` and `shift`, in this order, for the gradient `dy` of the output. */
export const layerNormGradientKernel: TensorFlowKernel = {
  name: 'LayerNormGradient',
  run: (call) => {
    const { backend, inputs, attrs } = call;
    expectVectors('LayerNormGradient', call, ['scale']);
    const [x, dy, scale] = [inputs['x']!, inputs['dy']!, inputs['scale']!];
    if (x.shape.join() !== dy.shape.join()) {
      throw new Error(`LayerNormGradient on tensorflow: expected dy of shape [${x.shape}], got [${dy.shape}]`);
    }
    return withNumbers([attrs['epsilon'] as number], (epsilon) =>
      backend.executeMultipleOutputs('SifakaLayerNormGradient', [], [x, dy, scale, epsilon], 3),
    );
  },
};

function expectVectors(name: string, { inputs }: TensorFlowCall, vectors: readonly string[]): void {
  const width = inputs['x']!.shape.at(-1) ?? 0;
  for (const vector of vectors) {
    const { shape } = inputs[vector]!;
    if (shape.length === 1 && shape[0] === width) continue;
    throw new Error(`${name} on tensorflow: expected ${vector} of shape [${width}], got [${shape}]`);
  }
}
