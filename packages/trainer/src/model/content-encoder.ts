import type { Pixels, TokenBatch, TokenEncoder } from '@sifaka/encoders';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from '@sifaka/nn';
import { concat, mul, reshape, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { ItemContents } from '../catalogue/catalogue.js';
import { type ContentFusion, MODALITIES, poolTokens } from './content-fusion.js';

/** The modules of a {@link ContentEncoder}, which disposes them. */
export interface ContentEncoderParts {
  readonly image: TokenEncoder<Pixels>;
  readonly text: TokenEncoder<TokenBatch>;
  /** Fuses the modalities `image` and `text`. */
  readonly fusion: ContentFusion;
}

/** Encodes the raw image and raw text of an item into one item vector: image and text tokens, fused into one. */
export class ContentEncoder implements Module {
  readonly parameters: NamedParameters;
  readonly fusion: ContentFusion;
  readonly #parts: ContentEncoderParts;

  constructor(parts: ContentEncoderParts) {
    const { image, text, fusion } = parts;
    this.#parts = parts;
    this.fusion = fusion;
    this.parameters = collectParameters({ image, text, fusion });
  }

  /** @param contents of `N` items @returns `[N, dim]` */
  forward(contents: ItemContents): Tensor {
    return tidy(() => this.fusion.forward(this.#tokens(contents)).vector);
  }

  /**
   * Encodes items, and keeps of each modality what `SharedFusionHistory` fuses again.
   *
   * @param contents of `N` items
   * @returns `[N, dim + M · (dim + 1)]` for `M` modalities: the item vector, then of each modality the mean token and 1
   *   if the item has it, else 0.
   */
  forwardWithTokens(contents: ItemContents): Tensor {
    return tidy(() => {
      const inputs = this.#tokens(contents);
      const pooled = MODALITIES.map((name) => poolTokens(inputs[name].tokens, inputs[name].mask));
      const { vector } = this.fusion.forward(inputs);
      return concat([vector, ...pooled.flatMap(({ mean, present }) => [mean, present])], 1);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #tokens(contents: ItemContents) {
    const { image, text } = this.#parts;
    const present = reshape(tensor1d(contents.imagePresent), [contents.count, 1]);
    const { tokens, mask } = image.forward(contents.pixels);
    return { image: { tokens, mask: mul(mask, present) }, text: text.forward(contents.text) };
  }
}
