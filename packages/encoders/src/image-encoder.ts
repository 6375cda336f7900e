import type { Module, NamedParameters, TransformerBlock } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { InputRows } from './fine-tuning/input-rows.js';
import type { LayeredEncoder } from './layered-encoder.js';
import type { EncodedTokens, Pixels } from './token-encoder.js';
import { ImageTower } from './towers/image-tower.js';
import { SYMMETRIC_SCALE } from './towers/pixel-scale.js';

export interface ImageEncoderOptions {
  /** In pixels, a multiple of `patchSize`. */
  readonly height: number;
  /** In pixels, a multiple of `patchSize`. */
  readonly width: number;
  /** Side of a patch in pixels. Default 8. */
  readonly patchSize?: number;
  /** Width of a token. */
  readonly dim: number;
  /** Number of transformer blocks. Default 2. */
  readonly depth?: number;
  /** Attention heads, which must divide `dim`. Default 4. */
  readonly heads?: number;
  readonly seed: number;
}

/**
 * A vision transformer (Dosovitskiy et al., 2021). The image is cut into patches, each patch is mapped linearly to a
 * token, a learned position is added, and a transformer relates the tokens to each other. There is no class token:
 * `pooled` is the mean of the tokens.
 */
export class ImageEncoder implements LayeredEncoder<Pixels> {
  readonly dim: number;
  readonly pooledDim: number;
  /** Tokens per image: `height · width / patchSize²`. */
  readonly numTokens: number;
  readonly parameters: NamedParameters;
  readonly #tower: ImageTower;

  /**
   * @throws RangeError naming an option that is not a whole number from 1, or a side that patches do not fill, or if
   *   `heads` does not divide `dim`.
   */
  constructor({ patchSize = 8, depth = 2, heads = 4, ...options }: ImageEncoderOptions) {
    this.#tower = new ImageTower({
      ...options,
      name: 'ImageEncoder',
      patchSize,
      scale: SYMMETRIC_SCALE,
      transformer: { depth, heads },
      pool: { kind: 'mean' },
    });
    this.dim = this.#tower.dim;
    this.pooledDim = this.#tower.pooledDim;
    this.numTokens = this.#tower.numTokens;
    this.parameters = this.#tower.parameters;
  }

  get embedding(): Module {
    return this.#tower.embedding;
  }

  get blocks(): readonly TransformerBlock[] {
    return this.#tower.blocks;
  }

  get inputRows(): InputRows<Pixels> {
    return this.#tower.inputRows;
  }

  get architecture(): string {
    return this.#tower.architecture;
  }

  assertInput(pixels: Pixels): void {
    this.#tower.assertInput(pixels);
  }

  /**
   * @param pixels `[B, height, width, 3]`
   * @returns `tokens` `[B, numTokens, dim]`, patches row by row, a `mask` `[B, numTokens]` of ones, and `pooled`
   *   `[B, dim]`. The encoder cannot see that an image is missing, so the caller sets the mask of such images to 0.
   * @throws {@link ShapeError} if the pixels are not whole images of this size.
   */
  forward(pixels: Pixels): EncodedTokens {
    return this.#tower.forward(pixels);
  }

  embed(pixels: Pixels): Tensor {
    return this.#tower.embed(pixels);
  }

  bias(): undefined {
    return undefined;
  }

  finish(states: Tensor): EncodedTokens {
    return this.#tower.finish(states);
  }

  dispose(): void {
    this.#tower.dispose();
  }
}
