import {
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  paddingBias,
  parameter,
  runBlocks,
  ShapeError,
  smallNormal,
  Transformer,
  type TransformerBlock,
} from '@sifaka/nn';
import {
  add,
  gather,
  reshape,
  slice,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type InputRows, tokenRows } from './fine-tuning/input-rows.js';
import type { LayeredEncoder } from './layered-encoder.js';
import type { EncodedTokens, TokenBatch } from './token-encoder.js';

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

/** A bidirectional transformer over token ids, like BERT and LEMUR's text encoders (arXiv 2511.10962). */
export class TextEncoder implements LayeredEncoder<TokenBatch> {
  readonly dim: number;
  readonly maxLength: number;
  readonly parameters: NamedParameters;
  readonly embedding: Module;
  readonly blocks: readonly TransformerBlock[];
  readonly inputRows: InputRows<TokenBatch> = tokenRows;
  readonly #vocabularySize: number;
  readonly #embedding: Variable;
  readonly #positions: Variable;
  readonly #types: Variable | undefined;
  readonly #transformer: Transformer;

  /** @throws RangeError naming an option that is not a whole number from 1, or if `heads` does not divide `dim`. */
  constructor({ vocabularySize, maxLength, dim, tokenTypes = 1, depth = 2, heads = 4, seed }: TextEncoderOptions) {
    assertWhole('TextEncoder', { vocabularySize, maxLength, dim, tokenTypes, depth, heads });
    assertSeed('TextEncoder', seed);
    this.maxLength = maxLength;
    this.#vocabularySize = vocabularySize;
    this.dim = dim;
    // First, because it throws if `heads` does not divide `dim`: nothing else needs disposal then.
    this.#transformer = new Transformer({ dim, depth, heads, seed: deriveSeed(seed, 'transformer') });
    this.#embedding = parameter(() => smallNormal([vocabularySize, dim], deriveSeed(seed, 'embedding')));
    this.#positions = parameter(() => smallNormal([maxLength, dim], deriveSeed(seed, 'positions')));
    this.#types =
      tokenTypes > 1 ? parameter(() => smallNormal([tokenTypes, dim], deriveSeed(seed, 'types'))) : undefined;
    const embedding = { embedding: this.#embedding, positions: this.#positions, types: this.#types };
    this.parameters = collectParameters({ ...embedding, transformer: this.#transformer });
    const below = collectParameters(embedding);
    this.embedding = { parameters: below, dispose: () => disposeParameters(below) };
    this.blocks = this.#transformer.blocks;
  }

  /**
   * Attention ignores padding, so the tokens of a text do not depend on the padded length. The ids of padding must be
   * in the vocabulary, too.
   *
   * @returns `tokens` `[B, length, dim]` and their `mask` `[B, length]`.
   * @throws {@link ShapeError} if rows are longer than `maxLength`, or `ids` or `types` does not hold `B · length`
   *   values, RangeError for an unknown id or type, for a row with more than `length` tokens, or for a `length` below
   *   1.
   */
  forward(texts: TokenBatch): EncodedTokens {
    return tidy(() => {
      const states = runBlocks(this.blocks, this.embed(texts), { bias: this.bias(texts) });
      return { ...this.finish(states, texts) };
    });
  }

  /** @throws as {@link forward}. */
  embed({ ids, length, lengths, types }: TokenBatch): Tensor {
    assertWhole('TextEncoder.forward', { length });
    const batch = lengths.length;
    if (ids.length !== batch * length) {
      throw new ShapeError('TextEncoder.forward: ids', `[${batch} · ${length}]`, [ids.length]);
    }
    if (length > this.maxLength) {
      throw new ShapeError('TextEncoder.forward', `[B, ≤ ${this.maxLength}]`, [batch, length]);
    }
    const outside = ids.find((id) => id < 0 || id >= this.#vocabularySize);
    if (outside !== undefined) {
      throw new RangeError(`TextEncoder.forward: expected ids in 0 … ${this.#vocabularySize - 1}, got ${outside}`);
    }
    const row = lengths.findIndex((count) => count < 0 || count > length);
    if (row >= 0) {
      throw new RangeError(`TextEncoder.forward: row ${row}: expected 0 … ${length} tokens, got ${lengths[row]}`);
    }
    this.#assertTypes(types, ids.length);
    return tidy(() => {
      const words = reshape(gather(this.#embedding as Tensor, tensor1d(ids, 'int32')), [batch, length, this.dim]);
      let input = add(words, slice(this.#positions as Tensor, [0, 0], [length, this.dim])); // [B, T, D]
      if (this.#types !== undefined) {
        const typed = gather(this.#types as Tensor, tensor1d(types ?? new Int32Array(ids.length), 'int32'));
        input = add(input, reshape(typed, [batch, length, this.dim]));
      }
      return input;
    });
  }

  bias(texts: TokenBatch): Tensor {
    return tidy(() => paddingBias(maskOf(texts)));
  }

  finish(states: Tensor, texts: TokenBatch): EncodedTokens {
    return { tokens: this.#transformer.norm.forward(states), mask: maskOf(texts) };
  }

  #assertTypes(types: Int32Array | undefined, tokens: number): void {
    if (types === undefined || this.#types === undefined) return;
    if (types.length !== tokens) throw new ShapeError('TextEncoder.forward: types', `[${tokens}]`, [types.length]);
    const count = this.#types.shape[0]!;
    const outside = types.find((type) => type < 0 || type >= count);
    if (outside !== undefined) {
      throw new RangeError(`TextEncoder.forward: expected types in 0 … ${count - 1}, got ${outside}`);
    }
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/** @returns `[B, length]` */
function maskOf({ lengths, length }: TokenBatch): Tensor {
  const mask = new Float32Array(lengths.length * length);
  lengths.forEach((count, row) => {
    mask.fill(1, row * length, row * length + count);
  });
  return tensor2d(mask, [lengths.length, length]);
}
