import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { FusionQFormer } from '@sifaka/qformer';
import { expandDims, type Tensor, tidy } from '@tensorflow/tfjs-core';

export interface ContentEncoderOptions {
  /** Width of the features by modality. */
  readonly widths: Readonly<Record<string, number>>;
  readonly dim: number;
  readonly numQueries: number;
  readonly depth: number;
  readonly heads: number;
  readonly dropout: number;
  readonly seed: number;
}

/** EM3's content embedding of items: one token per modality, a linear map of its features, fused by a Q-Former. */
export class ContentEncoder implements Module {
  readonly parameters: NamedParameters;
  readonly #names: readonly string[];
  readonly #projections: readonly Linear[];
  readonly #fusion: FusionQFormer;

  constructor({ widths, seed, ...options }: ContentEncoderOptions) {
    this.#names = Object.keys(widths);
    this.#projections = this.#names.map(
      (name) =>
        new Linear({ inputDim: widths[name]!, outputDim: options.dim, seed: deriveSeed(seed, 'projections', name) }),
    );
    this.#fusion = new FusionQFormer({ modalities: this.#names, ...options, seed: deriveSeed(seed, 'fusion') });
    this.parameters = collectParameters({ projections: this.#projections, fusion: this.#fusion });
  }

  /**
   * @param features `[items, width]` by modality
   * @param dropoutSeed without it, nothing is dropped.
   * @returns `[items, dim]`
   */
  forward(features: ReadonlyMap<string, Tensor>, dropoutSeed?: number): Tensor {
    return tidy(() => {
      const tokens = this.#names.map((name, i) => [
        name,
        { tokens: expandDims(this.#projections[i]!.forward(features.get(name)!), 1) }, // [I, 1, D]
      ]);
      const options = dropoutSeed === undefined ? {} : { dropoutSeed };
      return this.#fusion.forward(Object.fromEntries(tokens), options).vector;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
