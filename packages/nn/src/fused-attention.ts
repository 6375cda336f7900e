import type { Tensor } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.js';
import { engineKernel } from './engine-kernel.js';

/**
 * Inputs of the fused kernel, in one of three layouts. The output has the layout of the query.
 *
 * - `query` `[B, H, L, D]`, `key` and `value` `[B, H, S, D]`
 * - `packed` `[B, S, 3 · H · D]`: queries, keys and values side by side
 * - `query` `[B, L, H · D]` and `packed` `[B, S, 2 · H · D]`: keys and values side by side
 */
export interface AttentionInputs {
  readonly query?: Tensor;
  readonly key?: Tensor;
  readonly value?: Tensor;
  readonly packed?: Tensor;
  readonly bias?: Tensor;
}

/**
 * Whether the engine has a fused kernel for these inputs. A bias must have four axes and one value per source token.
 */
export function canFuseAttention(x: Tensor, source: number, bias: Tensor | undefined): boolean {
  if (bias !== undefined && (bias.rank !== 4 || bias.shape[3] !== source)) return false;
  return engineKernel('Attention', bias === undefined ? [x] : [x, bias]) !== undefined;
}

/** `softmax(Q Kᵀ · scale + bias) V` and its gradient as one kernel each. Requires {@link canFuseAttention}. */
export function fusedAttention(
  inputs: AttentionInputs,
  options: { readonly scale: number; readonly heads?: number },
): Tensor {
  const names = (['query', 'key', 'value', 'packed', 'bias'] as const).filter((name) => inputs[name] !== undefined);
  const named = (tensors: Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
  const attend = customGradient((given, save) => {
    const [attended, weights] = engineKernel('Attention')!(named(given), options) as [Tensor, Tensor];
    save([...given, weights]);
    return {
      value: attended,
      gradients: (dy, saved) =>
        engineKernel('AttentionGradient')!({ ...named(saved), weights: saved.at(-1)!, dy }, options),
    };
  });
  return attend(...names.map((name) => inputs[name]!));
}
