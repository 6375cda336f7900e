import { FineTunedEncoder, type Pixels, type TokenBatch, type TokenEncoder } from '@sifaka/encoders';
import {
  collectParameters,
  disposeParameters,
  exportParameters,
  joinPath,
  type Linear,
  type Module,
  type NamedParameters,
  type SafetensorsEntry,
} from '@sifaka/nn';
import { concat, mul, reshape, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { ItemContents } from '../catalogue/catalogue.js';
import { type ContentFusion, MODALITIES, type Modality, poolTokens } from './content-fusion.js';
import type { EncoderSources } from './published-encoders.js';

/** The modules of a {@link ContentEncoder}, which disposes them. */
export interface ContentEncoderParts {
  readonly image: TokenEncoder<Pixels>;
  readonly text: TokenEncoder<TokenBatch>;
  /** Takes the tokens of an encoder of another width to the width of the fusion. Default: there are none. */
  readonly projections?: Partial<Readonly<Record<Modality, Linear>>>;
  /** Fuses the modalities `image` and `text`. */
  readonly fusion: ContentFusion;
  /** Which of the encoders are published ones. Default: none. */
  readonly sources?: EncoderSources;
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
  /** Which of the encoders are published ones. */
  readonly sources: EncoderSources;
  /** Width of the tokens that the fusion reads, by modality. */
  readonly tokenDims: Readonly<Record<Modality, number>>;
  readonly #parts: ContentEncoderParts;

  constructor(parts: ContentEncoderParts) {
    const { image, text, projections = {}, fusion, sources = {} } = parts;
    this.#parts = parts;
    this.fusion = fusion;
    this.sources = sources;
    this.tokenDims = { image: widthAfter(image, projections.image), text: widthAfter(text, projections.text) };
    const maps = MODALITIES.map((name) => [`projections.${name}`, projections[name]] as const);
    this.parameters = collectParameters({ image, text, ...Object.fromEntries(maps), fusion });
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
    for (const name of MODALITIES) {
      const encoder = this.#parts[name];
      if (!(encoder instanceof FineTunedEncoder)) continue;
      for (const [path, value] of read(encoder)) collected.set(joinPath(name, path), value);
    }
    return collected;
  }

  #tokens(contents: ItemContents) {
    const { image, text, projections = {} } = this.#parts;
    const present = reshape(tensor1d(contents.imagePresent), [contents.count, 1]);
    const images = image.forward(contents.pixels);
    const texts = text.forward(contents.text);
    return {
      image: { tokens: project(images.tokens, projections.image), mask: mul(images.mask, present) },
      text: { tokens: project(texts.tokens, projections.text), mask: texts.mask },
    };
  }
}

/** Width of the tokens that the fusion reads of an encoder. */
function widthAfter({ dim }: { readonly dim: number }, map: Linear | undefined): number {
  return map?.parameters.get('weight')?.shape[1] ?? dim;
}

/** @param tokens `[N, S, W]` @returns `[N, S, dim]` */
function project(tokens: Tensor, map: Linear | undefined): Tensor {
  return map?.forward(tokens) ?? tokens;
}
