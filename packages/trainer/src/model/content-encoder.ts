import type { Pixels, TokenBatch, TokenEncoder } from '@sifaka/encoders';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from '@sifaka/nn';
import type { FusionQFormer } from '@sifaka/qformer';
import { mul, reshape, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { ItemContents } from '../catalogue/catalogue.js';

/** The modules of a {@link ContentEncoder}, which disposes them. */
export interface ContentEncoderParts {
  readonly image: TokenEncoder<Pixels>;
  readonly text: TokenEncoder<TokenBatch>;
  /** Fuses the modalities `image` and `text`. */
  readonly fusion: FusionQFormer;
}

/** Encodes the raw image and raw text of an item into one item vector: image and text tokens, fused by the Q-Former. */
export class ContentEncoder implements Module {
  readonly parameters: NamedParameters;
  readonly #parts: ContentEncoderParts;

  constructor(parts: ContentEncoderParts) {
    const { image, text, fusion } = parts;
    this.#parts = parts;
    this.parameters = collectParameters({ image, text, fusion });
  }

  /** @param contents of `N` items @returns `[N, dim]` */
  forward(contents: ItemContents): Tensor {
    const { image, text, fusion } = this.#parts;
    return tidy(() => {
      const present = reshape(tensor1d(contents.imagePresent), [contents.count, 1]);
      const { tokens, mask } = image.forward(contents.pixels);
      return fusion.forward({ image: { tokens, mask: mul(mask, present) }, text: text.forward(contents.text) }).vector;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
