import { collectParameters, disposeParameters, Linear, type NamedParameters } from '@sifaka/nn';
import { assertModalityInputs, type ModalityInputs } from '@sifaka/qformer';
import { concat, ones, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
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
   * @param inputs by modality: tokens `[N, S, D]` and their mask `[N, S]`. An omitted modality is absent for all items.
   * @returns `vector` `[N, D]`
   * @throws `ShapeError` if widths or batch sizes differ or a mask does not fit its tokens, RangeError for an unknown
   *   modality or none, as `FusionQFormer` does.
   */
  forward(inputs: ModalityInputs<Modality>): { readonly vector: Tensor } {
    const { dim } = this.#options;
    const rules = { modalities: MODALITIES, widthOf: () => dim };
    const count = assertModalityInputs('ConcatenationFusion.forward', inputs, rules);
    return tidy(() => {
      const pooled = MODALITIES.map((name) => {
        const input = inputs[name];
        if (input === undefined) return zeros([count, dim]);
        const { tokens, mask } = input;
        return poolTokens(tokens, mask ?? ones(tokens.shape.slice(0, 2) as [number, number])).mean; // [N, D]
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
