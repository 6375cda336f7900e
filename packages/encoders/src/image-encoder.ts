import {
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  runBlocks,
  ShapeError,
  smallNormal,
  Transformer,
  type TransformerBlock,
} from '@sifaka/nn';
import {
  add,
  mul,
  ones,
  reshape,
  sub,
  type Tensor,
  tensor4d,
  tidy,
  transpose,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type InputRows, pixelRows } from './fine-tuning/input-rows.js';
import type { LayeredEncoder } from './layered-encoder.js';
import type { EncodedTokens, Pixels } from './token-encoder.js';

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
 * token, a learned position is added, and a transformer relates the tokens to each other. There is no class token: the
 * module that reads the tokens, such as a Q-Former, pools them.
 */
export class ImageEncoder implements LayeredEncoder<Pixels> {
  readonly dim: number;
  /** Tokens per image: `height · width / patchSize²`. */
  readonly numTokens: number;
  readonly parameters: NamedParameters;
  readonly embedding: Module;
  readonly blocks: readonly TransformerBlock[];
  readonly inputRows: InputRows<Pixels>;
  readonly #size: readonly [height: number, width: number, patch: number];
  readonly #patches: Linear;
  readonly #positions: Variable;
  readonly #transformer: Transformer;

  /**
   * @throws RangeError naming an option that is not a whole number from 1, or a side that patches do not fill, or if
   *   `heads` does not divide `dim`.
   */
  constructor({ height, width, patchSize = 8, dim, depth = 2, heads = 4, seed }: ImageEncoderOptions) {
    assertWhole('ImageEncoder', { height, width, patchSize, dim, depth, heads });
    assertSeed('ImageEncoder', seed);
    if (height % patchSize !== 0 || width % patchSize !== 0) {
      throw new RangeError(
        `ImageEncoder: expected multiples of patchSize ${patchSize}, got ${height} × ${width} pixels`,
      );
    }
    this.dim = dim;
    this.#size = [height, width, patchSize];
    this.numTokens = (height / patchSize) * (width / patchSize);
    // First, because it throws if `heads` does not divide `dim`: nothing else needs disposal then.
    this.#transformer = new Transformer({ dim, depth, heads, seed: deriveSeed(seed, 'transformer') });
    this.#patches = new Linear({
      inputDim: patchSize * patchSize * 3,
      outputDim: dim,
      seed: deriveSeed(seed, 'patches'),
    });
    this.#positions = parameter(() => smallNormal([this.numTokens, dim], deriveSeed(seed, 'positions')));
    this.parameters = collectParameters({
      patches: this.#patches,
      positions: this.#positions,
      transformer: this.#transformer,
    });
    const embedding = collectParameters({ patches: this.#patches, positions: this.#positions });
    this.embedding = { parameters: embedding, dispose: () => disposeParameters(embedding) };
    this.blocks = this.#transformer.blocks;
    this.inputRows = pixelRows(height, width);
  }

  /**
   * @param pixels `[B, height, width, 3]`
   * @returns `tokens` `[B, numTokens, dim]`, patches row by row, and a `mask` `[B, numTokens]` of ones. The encoder
   *   cannot see that an image is missing, so the caller sets the mask of such images to 0.
   * @throws {@link ShapeError} if the pixels are not whole images of this size.
   */
  forward(pixels: Pixels): EncodedTokens {
    return tidy(() => ({ ...this.finish(runBlocks(this.blocks, this.embed(pixels))) }));
  }

  /** @throws {@link ShapeError} if the pixels are not whole images of this size. */
  embed(pixels: Pixels): Tensor {
    const [height, width, patch] = this.#size;
    return tidy(() => {
      const images = pixels instanceof Uint8Array ? this.#fromBytes(pixels) : pixels;
      if (images.shape.slice(1).join() !== [height, width, 3].join()) {
        throw new ShapeError('ImageEncoder.forward: pixels', `[B, ${height}, ${width}, 3]`, images.shape);
      }
      const batch = images.shape[0]!;
      const scaled = sub(mul(images, 2 / 255), 1); // −1 … 1
      const grid = reshape(scaled, [batch, height / patch, patch, width / patch, patch * 3]);
      const cut = reshape(transpose(grid, [0, 1, 3, 2, 4]), [batch, this.numTokens, patch * patch * 3]);
      return add(this.#patches.forward(cut), this.#positions); // [B, P, D]
    });
  }

  bias(): undefined {
    return undefined;
  }

  finish(states: Tensor): EncodedTokens {
    const tokens = this.#transformer.norm.forward(states);
    return { tokens, mask: ones([states.shape[0]!, this.numTokens]) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #fromBytes(bytes: Uint8Array): Tensor {
    const [height, width] = this.#size;
    const perImage = height * width * 3;
    if (bytes.length % perImage !== 0) {
      throw new ShapeError('ImageEncoder.forward: bytes', `a multiple of ${height} × ${width} × 3 = ${perImage}`, [
        bytes.length,
      ]);
    }
    return tensor4d(Float32Array.from(bytes), [bytes.length / perImage, height, width, 3]);
  }
}
