import type { Module, NamedParameters, TransformerBlock } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { InputRows } from './fine-tuning/input-rows.js';
import type { LayeredEncoder } from './layered-encoder.js';
import type { EncodedTokens, TokenBatch } from './token-encoder.js';
import { TextTower } from './towers/text-tower.js';

export interface TextEncoderOptions {
  readonly vocabularySize: number;
  /** Longest text, in tokens. */
  readonly maxLength: number;
  /** Width of a token. */
  readonly dim: number;
  /**
   * Number of token types. From 2, a learned embedding of its type is added to each token, as in BERT. Default 1: none.
   */
  readonly tokenTypes?: number;
  /** Number of transformer blocks. Default 2. */
  readonly depth?: number;
  /** Attention heads, which must divide `dim`. Default 4. */
  readonly heads?: number;
  readonly seed: number;
}

/**
 * A bidirectional transformer over token ids, like BERT and LEMUR's text encoders (arXiv 2511.10962). `pooled` is the
 * mean of a text's tokens.
 */
export class TextEncoder implements LayeredEncoder<TokenBatch> {
  readonly dim: number;
  readonly pooledDim: number;
  readonly maxLength: number;
  readonly parameters: NamedParameters;
  readonly #tower: TextTower;

  /** @throws RangeError naming an option that is not a whole number from 1, or if `heads` does not divide `dim`. */
  constructor({ depth = 2, heads = 4, ...options }: TextEncoderOptions) {
    this.#tower = new TextTower({
      ...options,
      name: 'TextEncoder',
      transformer: { depth, heads },
      pool: { kind: 'mean' },
    });
    this.dim = this.#tower.dim;
    this.pooledDim = this.#tower.pooledDim;
    this.maxLength = this.#tower.maxLength;
    this.parameters = this.#tower.parameters;
  }

  get embedding(): Module {
    return this.#tower.embedding;
  }

  get blocks(): readonly TransformerBlock[] {
    return this.#tower.blocks;
  }

  get inputRows(): InputRows<TokenBatch> {
    return this.#tower.inputRows;
  }

  get architecture(): string {
    return this.#tower.architecture;
  }

  assertInput(input: TokenBatch): void {
    this.#tower.assertInput(input);
  }

  /**
   * Attention ignores padding, so the tokens of a text do not depend on the padded length. The ids of padding must be
   * in the vocabulary, too.
   *
   * @returns `tokens` `[B, length, dim]`, their `mask` `[B, length]`, and `pooled` `[B, dim]`.
   * @throws {@link ShapeError} if rows are longer than `maxLength`, or `ids` or `types` does not hold `B · length`
   *   values, RangeError for an unknown id or type, for a row with more than `length` tokens, or for a `length` below
   *   1.
   */
  forward(input: TokenBatch): EncodedTokens {
    return this.#tower.forward(input);
  }

  embed(input: TokenBatch): Tensor {
    return this.#tower.embed(input);
  }

  bias(input: TokenBatch): Tensor | undefined {
    return this.#tower.bias(input);
  }

  finish(states: Tensor, input: TokenBatch): EncodedTokens {
    return this.#tower.finish(states, input);
  }

  dispose(): void {
    this.#tower.dispose();
  }
}
