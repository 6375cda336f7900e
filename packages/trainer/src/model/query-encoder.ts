import { TextEncoder, type TokenBatch } from '@sifaka/encoders';
import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';

export interface QueryEncoderOptions {
  readonly vocabularySize: number;
  readonly maxLength: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  readonly seed: number;
}

/**
 * LEMUR's query tower: a text transformer whose classification token, mapped linearly, is the query vector `q_i`. With a
 * tokenizer that puts none in front of a text, it is the text's first token.
 */
export class QueryEncoder implements Module {
  readonly parameters: NamedParameters;
  readonly #text: TextEncoder;
  readonly #output: Linear;
  readonly #dim: number;

  constructor({ seed, ...options }: QueryEncoderOptions) {
    this.#dim = options.dim;
    this.#text = new TextEncoder({ ...options, seed: deriveSeed(seed, 'text') });
    this.#output = new Linear({ inputDim: options.dim, outputDim: options.dim, seed: deriveSeed(seed, 'output') });
    this.parameters = collectParameters({ text: this.#text, output: this.#output });
  }

  /** @param text `N` token sequences of one token or more @returns `[N, dim]` */
  forward(text: TokenBatch): Tensor {
    return tidy(() => {
      const { tokens } = this.#text.forward(text);
      const count = text.lengths.length;
      const first = reshape(slice(tokens, [0, 0, 0], [count, 1, this.#dim]), [count, this.#dim]);
      return this.#output.forward(first);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
