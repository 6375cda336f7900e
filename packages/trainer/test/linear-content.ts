import { type EncodedTokens, type Pixels, TextEncoder, type TokenEncoder } from '@sifaka/encoders';
import { collectParameters, disposeParameters, Linear, type NamedParameters } from '@sifaka/nn';
import { FusionQFormer } from '@sifaka/qformer';
import { ContentEncoder } from '@sifaka/trainer';
import { expandDims, ones, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { DIM, tinyLemur } from './small-world.js';

const PIXELS = 16 * 16 * 3;

/** A content encoder whose image encoder is a linear map to tokens of width `imageDim`. */
export function linearContent({
  imageDim = DIM,
  ...text
}: {
  readonly vocabularySize: number;
  readonly maxLength: number;
  readonly imageDim?: number;
}): ContentEncoder {
  const { heads } = tinyLemur().content!;
  return new ContentEncoder({
    image: new LinearImage(imageDim),
    text: new TextEncoder({ ...text, dim: DIM, depth: 1, heads, seed: 3 }),
    fusion: new FusionQFormer({ modalities: { image: imageDim, text: DIM }, dim: DIM, heads, seed: 4 }),
  });
}

/** One token per image: a linear map of its pixels. */
class LinearImage implements TokenEncoder<Pixels> {
  readonly dim: number;
  readonly pooledDim: number;
  readonly parameters: NamedParameters;
  readonly #map: Linear;

  constructor(dim: number) {
    this.dim = dim;
    this.pooledDim = dim;
    this.#map = new Linear({ inputDim: PIXELS, outputDim: dim, seed: 1 });
    this.parameters = collectParameters({ map: this.#map });
  }

  forward(pixels: Pixels): EncodedTokens {
    if (!(pixels instanceof Uint8Array)) throw new TypeError('LinearImage.forward: expected bytes, got a tensor');
    const images = pixels.length / PIXELS;
    return tidy(() => {
      const values = tensor2d(
        Float32Array.from(pixels, (value) => value / 255),
        [images, PIXELS],
      );
      const pooled = this.#map.forward(values);
      return { tokens: expandDims(pooled, 1), mask: ones([images, 1]), pooled };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
