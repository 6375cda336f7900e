import {
  engine,
  getBackend,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Runs a kernel. Inputs by name, or by position where it takes a list. @returns all its outputs. */
export type EngineKernel = (
  inputs: Readonly<Record<string, Tensor>> | readonly Tensor[],
  attributes?: Readonly<Record<string, number | readonly number[]>>,
) => Tensor[];

/**
 * A kernel that TensorFlow.js does not define, where the running engine has it and these inputs are what such kernels take (float32);
 * else undefined, and the caller composes TensorFlow.js' own operations.
 *
 * The one place where models ask about engines. `@sifaka/backend` registers `AdamW`, `Attention`, `AttentionGradient`, `Gelu`, `GlobalNorm`,
 * `LayerNorm`, `LayerNormGradient` and `Linear` for the wasm engine. TensorFlow.js knows no gradient of them: callers give it.
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
