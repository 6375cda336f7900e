import { type Module, maskedMean } from '@sifaka/nn';
import type { ModalityInputs } from '@sifaka/qformer';
import { max, type Tensor } from '@tensorflow/tfjs-core';

/** The modalities of an item, in the order in which they are fused and stored. */
export const MODALITIES = ['image', 'text'] as const;

export type Modality = (typeof MODALITIES)[number];

/** Fuses the tokens of items' images and texts into one vector each: `FusionQFormer` or {@link ConcatenationFusion}. */
export interface ContentFusion extends Module {
  /** @returns `vector` `[N, dim]`, owned by the caller. */
  forward(inputs: ModalityInputs<Modality>): { readonly vector: Tensor };
  /** A second module with the same weights as constants; see `Linear.frozenView` of @sifaka/nn. */
  frozenView(): ContentFusion;
}

/** One token in place of many. */
export interface PooledTokens {
  /** `[N, D]`: the mean of the tokens; zeros where there is none. */
  readonly mean: Tensor;
  /** `[N, 1]`: 1 where there is a token. */
  readonly present: Tensor;
}

/** @param tokens `[N, S, D]` @param mask `[N, S]`: 1 for a token, 0 for padding */
export function poolTokens(tokens: Tensor, mask: Tensor): PooledTokens {
  return { mean: maskedMean(tokens, mask), present: max(mask, 1, true) };
}
