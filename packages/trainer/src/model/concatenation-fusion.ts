import { collectParameters, disposeParameters, Linear, type NamedParameters, ShapeError } from '@sifaka/nn';
import type { ModalityInputs } from '@sifaka/qformer';
import { concat, ones, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type ContentFusion, MODALITIES, type Modality, poolTokens } from './content-fusion.js';

export interface ConcatenationFusionOptions {
  /** Width of the tokens and of the fused vector. */
  readonly dim: number;
  readonly seed: number;
}

/**
 * EM3 (arXiv 2404.06078) without its Fusion-Q-Former: the mean image token and the mean text token of an item, side by
 * side, through one linear map. A missing modality counts as zeros. The form of this ablation is ours.
 *
 * Shapes: `N` items, `S` tokens, `D` width.
 */
export class ConcatenationFusion implements ContentFusion {
  readonly parameters: NamedParameters;
  readonly #output: Linear;
  readonly #options: ConcatenationFusionOptions;

  /** @param base makes a {@link frozenView} of it instead of new weights. */
  constructor(options: ConcatenationFusionOptions, base?: ConcatenationFusion) {
    const { dim, seed } = options;
    this.#options = options;
    const shared = base && { output: base.#output };
    this.#output =
      shared?.output.frozenView() ?? new Linear({ inputDim: MODALITIES.length * dim, outputDim: dim, seed });
    this.parameters = collectParameters({ output: this.#output });
  }

  /**
   * @param inputs both modalities: tokens `[N, S, D]` and their mask `[N, S]`
   * @returns `vector` `[N, D]`
   * @throws {@link ShapeError} if a modality is missing or its tokens have another width.
   */
  forward(inputs: ModalityInputs<Modality>): { readonly vector: Tensor } {
    const { dim } = this.#options;
    for (const name of MODALITIES) {
      const shape = inputs[name]?.tokens.shape ?? [];
      if (shape.length === 3 && shape[2] === dim) continue;
      throw new ShapeError(`ConcatenationFusion.forward: ${name}`, `[N, S, ${dim}]`, shape);
    }
    return tidy(() => {
      const pooled = MODALITIES.map((name) => {
        const { tokens, mask } = inputs[name]!;
        return poolTokens(tokens, mask ?? ones(tokens.shape.slice(0, 2) as [number, number])).mean;
      });
      return { vector: this.#output.forward(concat(pooled, 1)) };
    });
  }

  /** A second module with the same weights as constants; see `Linear.frozenView` of @sifaka/nn. */
  frozenView(): ConcatenationFusion {
    return new ConcatenationFusion(this.#options, this);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
