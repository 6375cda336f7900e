import { type EncodedTokens, type Pixels, TextEncoder, type TokenEncoder } from '@sifaka/encoders';
import { collectParameters, disposeParameters, Linear } from '@sifaka/nn';
import { FusionQFormer } from '@sifaka/qformer';
import { ContentEncoder } from '@sifaka/trainer';
import { expandDims, ones, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { DIM, tinyLemur } from './small-world.js';

const PIXELS = 16 * 16 * 3;

/** A content encoder whose image encoder is a linear map. */
export function linearContent(text: { readonly vocabularySize: number; readonly maxLength: number }): ContentEncoder {
  const { heads } = tinyLemur().content!;
  return new ContentEncoder({
    image: new LinearImage(),
    text: new TextEncoder({ ...text, dim: DIM, depth: 1, heads, seed: 3 }),
    fusion: new FusionQFormer({ modalities: ['image', 'text'], dim: DIM, heads, seed: 4 }),
  });
}

/** One token per image: a linear map of its pixels. */
class LinearImage implements TokenEncoder<Pixels> {
  readonly dim = DIM;
  readonly pooledDim = DIM;
  readonly #map = new Linear({ inputDim: PIXELS, outputDim: DIM, seed: 1 });
  readonly parameters = collectParameters({ map: this.#map });

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
