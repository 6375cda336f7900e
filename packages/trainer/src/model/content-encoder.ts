import { ImageEncoder, TextEncoder } from '@sifaka/encoders';
import { collectParameters, deriveSeed, disposeParameters, type Module, type NamedParameters } from '@sifaka/nn';
import { FusionQFormer } from '@sifaka/qformer';
import { mul, reshape, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Catalogue, ItemContents } from '../catalogue/catalogue.js';
import type { ContentOptions } from './options.js';

export interface ContentEncoderOptions extends ContentOptions {
  readonly dim: number;
  readonly seed: number;
}

/** Raw image and raw text of an item → one vector: vision transformer and text transformer, fused by the Q-Former. */
export class ContentEncoder implements Module {
  readonly parameters: NamedParameters;
  readonly #image: ImageEncoder;
  readonly #text: TextEncoder;
  readonly #fusion: FusionQFormer;

  constructor(options: ContentEncoderOptions, catalogue: Catalogue) {
    const { dim, heads, seed } = options;
    this.#image = new ImageEncoder({
      height: catalogue.images.height,
      width: catalogue.images.width,
      patchSize: options.patchSize,
      dim,
      depth: options.imageDepth,
      heads,
      seed: deriveSeed(seed, 'image'),
    });
    this.#text = new TextEncoder({
      vocabularySize: catalogue.vocabularySize,
      maxLength: 1 + catalogue.documents.maxLength,
      dim,
      depth: options.textDepth,
      heads,
      seed: deriveSeed(seed, 'text'),
    });
    this.#fusion = new FusionQFormer({
      modalities: ['image', 'text'],
      dim,
      numQueries: options.fusionQueries,
      depth: options.fusionDepth,
      heads,
      seed: deriveSeed(seed, 'fusion'),
    });
    this.parameters = collectParameters({ image: this.#image, text: this.#text, fusion: this.#fusion });
  }

  /** @param contents of `N` items @returns `[N, dim]` */
  forward(contents: ItemContents): Tensor {
    return tidy(() => {
      const present = reshape(tensor1d(contents.imagePresent), [contents.count, 1]);
      const { tokens, mask } = this.#image.forward(contents.pixels);
      return this.#fusion.forward({
        image: { tokens, mask: mul(mask, present) },
        text: this.#text.forward(contents.text),
      }).vector;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
