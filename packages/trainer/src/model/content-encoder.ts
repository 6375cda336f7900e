import { FineTunedEncoder, type Pixels, type TokenBatch, type TokenEncoder } from '@sifaka/encoders';
import {
  collectParameters,
  disposeParameters,
  exportParameters,
  joinPath,
  type Module,
  type NamedParameters,
  type SafetensorsEntry,
} from '@sifaka/nn';
import { concat, mul, reshape, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { ItemContents } from '../catalogue/catalogue.js';
import { type ContentFusion, MODALITIES, type Modality, poolTokens } from './content-fusion.js';
import { ENCODERS } from './encoder-options.js';

/** The modules of a {@link ContentEncoder}, which disposes them. */
export interface ContentEncoderParts {
  readonly image: TokenEncoder<Pixels>;
  readonly text: TokenEncoder<TokenBatch>;
  /** Fuses the modalities `image` and `text`. */
  readonly fusion: ContentFusion;
}

/** Encodes the raw image and raw text of an item into one item vector: image and text tokens, fused into one. */
export class ContentEncoder implements Module {
  /** What learns. */
  readonly parameters: NamedParameters;
  /** Weights of fine-tuned encoders that do not learn. */
  readonly frozenParameters: NamedParameters;
  /** By path of `parameters`, of fine-tuned encoders: what multiplies the learning rate. */
  readonly layerScales: ReadonlyMap<string, number>;
  readonly fusion: ContentFusion;
  /** Width of the tokens that the fusion reads, by modality. */
  readonly tokenDims: Readonly<Record<Modality, number>>;
  readonly #parts: ContentEncoderParts;

  constructor(parts: ContentEncoderParts) {
    const { image, text, fusion } = parts;
    this.#parts = parts;
    this.fusion = fusion;
    this.tokenDims = { image: image.dim, text: text.dim };
    this.parameters = collectParameters({ image, text, fusion });
    this.frozenParameters = this.#collect(({ frozenParameters }) => frozenParameters);
    this.layerScales = this.#collect(({ learningRateScales }) => learningRateScales);
  }

  /** All weights as an encoder without frozen ones has them: low-rank updates are merged. */
  exportMerged(): Map<string, SafetensorsEntry> {
    const merged = this.#collect((encoder) => encoder.exportMerged());
    const own = [...this.parameters].filter(([path]) => !path.includes('.lora.') && !merged.has(path));
    return new Map([...merged, ...exportParameters(new Map(own))]);
  }

  /** @param contents of `N` items @returns `[N, dim]` */
  forward(contents: ItemContents): Tensor {
    return tidy(() => this.fusion.forward(this.#tokens(contents)).vector);
  }

  /**
   * Encodes items, and keeps of each modality what `SharedFusionHistory` fuses again.
   *
   * @param contents of `N` items
   * @returns `[N, dim + Σ (tokenDims[m] + 1)]` over the modalities `m`: the item vector, then of each modality the mean
   *   token and 1 if the item has it, else 0.
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
    disposeParameters(this.frozenParameters);
  }

  /** Collects what fine-tuned encoders have by path, by path here. */
  #collect<Value>(read: (encoder: FineTunedEncoder<unknown>) => ReadonlyMap<string, Value>): Map<string, Value> {
    const collected = new Map<string, Value>();
    for (const name of ENCODERS) {
      const encoder = this.#parts[name];
      if (!(encoder instanceof FineTunedEncoder)) continue;
      for (const [path, value] of read(encoder)) collected.set(joinPath(name, path), value);
    }
    return collected;
  }

  #tokens(contents: ItemContents) {
    const { image, text } = this.#parts;
    const present = reshape(tensor1d(contents.imagePresent), [contents.count, 1]);
    const { tokens, mask } = image.forward(contents.pixels);
    return { image: { tokens, mask: mul(mask, present) }, text: text.forward(contents.text) };
  }
}
