import {
  engine,
  getBackend,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Runs a kernel. Inputs are named, or a list if the kernel takes a list. @returns all its outputs. */
export type EngineKernel = (
  inputs: Readonly<Record<string, Tensor>> | readonly Tensor[],
  attributes?: Readonly<Record<string, number | readonly number[]>>,
) => Tensor[];

/**
 * A fused kernel of the running engine, or undefined if the engine lacks it or an input is not float32. The caller then
 * composes TensorFlow.js' own operations.
 *
 * Model code queries the engine nowhere else. `@sifaka/backend` registers the fused kernels `AdamW`, `Attention`,
 * `AttentionGradient`, `Gelu`, `GlobalNorm`, `LayerNorm`, `LayerNormGradient`, `Linear` and `SparseMatMul` on `wasm`, on
 * `cuda` and on native TensorFlow on the CPU, and documents them in its `FusedKernels`. Other engines have none.
 * TensorFlow.js has no gradients for them, so callers define the gradients.
 */
export function engineKernel(name: string, inputs: readonly Tensor[] = []): EngineKernel | undefined {
  if (getKernel(name, getBackend()) === undefined) return undefined;
  if (inputs.some(({ dtype }) => dtype !== 'float32')) return undefined;
  return (given, attributes) => {
    const outputs = engine().runKernel<Tensor | Tensor[]>(
      name,
      given as unknown as NamedTensorMap,
      attributes as NamedAttrMap | undefined,
    );
    return Array.isArray(outputs) ? outputs : [outputs];
  };
}
