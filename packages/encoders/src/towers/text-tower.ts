import {
  assertSeed,
  assertShape,
  assertWhole,
  causalBias,
  collectParameters,
  deriveSeed,
  disposeParameters,
  LayerNorm,
  type Module,
  maskedMean,
  type NamedParameters,
  paddingBias,
  parameter,
  runBlocks,
  smallNormal,
  Transformer,
  type TransformerBlock,
  type TransformerOptions,
} from '@sifaka/nn';
import {
  add,
  gather,
  mul,
  reshape,
  slice,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type InputRows, tokenRows } from '../fine-tuning/input-rows.js';
import type { LayeredEncoder } from '../layered-encoder.js';
import type { EncodedTokens, TokenBatch } from '../token-encoder.js';
import { architectureOf } from './architecture-of.js';
import { ownedParts } from './owned-parts.js';
import { PoolingHead, type PoolingHeadOptions } from './pooling-head.js';
import { assertTokenBatch, paddingMask, repadded } from './token-batch.js';

/** Which token stands for the whole text. */
export type TextPool =
  /** The mean of all that are not padding. */
  | { readonly kind: 'mean' }
  | { readonly kind: 'first' }
  /** The last, padding included. */
  | { readonly kind: 'last' }
  /** The first with this id; with the largest id of the text if it is undefined. */
  | { readonly kind: 'id'; readonly id: number | undefined };

export interface TextTowerOptions {
  /** Name of the encoder, for messages. */
  readonly name: string;
  readonly vocabularySize: number;
  /** Longest text, in tokens. */
  readonly maxLength: number;
  readonly dim: number;
  /** Types of tokens. From 2, or with `oneType`, the embedding of its type is added to each token. Default 1. */
  readonly tokenTypes?: number;
  /** Whether there is an embedding of the type even if it is the only one. Default false. */
  readonly oneType?: boolean;
  /** Rows of the position table before that of the first token. Default 0. */
  readonly firstPosition?: number;
  readonly transformer: Omit<TransformerOptions, 'dim' | 'seed'>;
  /** Epsilon of a layer norm of the embeddings. Default: there is none. */
  readonly embeddingNorm?: number;
  /** Whether a token reads only itself and earlier ones. Default false. */
  readonly causal?: boolean;
  /** Attention reads padding too, and every text is padded to `maxLength` with this id. Default: padding is ignored. */
  readonly readPadding?: { readonly id: number };
  readonly pool: TextPool;
  /** What follows the pooled token. */
  readonly head?: Omit<PoolingHeadOptions, 'dim' | 'seed'>;
  readonly seed: number;
}

/** A transformer over token ids, in all the forms of our text encoder and of the published ones. */
export class TextTower implements LayeredEncoder<TokenBatch> {
  readonly dim: number;
  readonly pooledDim: number;
  readonly maxLength: number;
  readonly parameters: NamedParameters;
  readonly embedding: Module;
  readonly inputRows: InputRows<TokenBatch>;
  readonly architecture: string;
  readonly #options: TextTowerOptions;
  readonly #embedding: Variable;
  readonly #positions: Variable;
  readonly #types: Variable | undefined;
  readonly #norm: LayerNorm | undefined;
  readonly #transformer: Transformer;
  readonly #head: PoolingHead | undefined;

  /** @throws RangeError naming the option that is out of range, before a weight is created. */
  constructor(options: TextTowerOptions) {
    const { name, vocabularySize, maxLength, dim, tokenTypes = 1, oneType = false, firstPosition = 0 } = options;
    const { transformer, embeddingNorm, head, seed } = options;
    const { depth, heads } = transformer;
    assertWhole(name, { vocabularySize, maxLength, dim, tokenTypes, depth, heads });
    assertSeed(name, seed);
    this.#options = options;
    this.dim = dim;
    this.maxLength = maxLength;
    // First, because it throws if `heads` does not divide `dim`: nothing else needs disposal then.
    this.#transformer = new Transformer({ ...transformer, dim, seed: deriveSeed(seed, 'transformer') });
    const table = (rows: number, path: string) => parameter(() => smallNormal([rows, dim], deriveSeed(seed, path)));
    this.#embedding = table(vocabularySize, 'embedding');
    this.#positions = table(firstPosition + maxLength, 'positions');
    this.#types = tokenTypes > 1 || oneType ? table(tokenTypes, 'types') : undefined;
    this.#norm = embeddingNorm === undefined ? undefined : new LayerNorm({ dim, epsilon: embeddingNorm });
    this.#head = head && new PoolingHead({ ...head, dim, seed: deriveSeed(seed, 'head') });
    this.pooledDim = this.#head?.pooledDim ?? dim;
    const embedding = {
      embedding: this.#embedding,
      positions: this.#positions,
      types: this.#types,
      norm: this.#norm,
    };
    this.parameters = collectParameters({ ...embedding, transformer: this.#transformer, head: this.#head });
    this.embedding = ownedParts(embedding);
    // Where attention reads padding, all of a row is kept.
    this.architecture = architectureOf('text', options);
    this.inputRows = options.readPadding === undefined ? tokenRows : { ...tokenRows, padding: () => undefined };
  }

  get blocks(): readonly TransformerBlock[] {
    return this.#transformer.blocks;
  }

  /** @throws as {@link assertTokenBatch}; RangeError for a text without the token that stands for it. */
  forward(input: TokenBatch): EncodedTokens {
    return tidy(() => {
      const states = runBlocks(this.blocks, this.embed(input), { bias: this.bias(input) }); // [B, T, D]
      return { ...this.finish(states, input) };
    });
  }

  assertInput(input: TokenBatch): void {
    const { vocabularySize, maxLength, tokenTypes = 1, name } = this.#options;
    assertTokenBatch(`${name}.forward`, input, { vocabularySize, maxLength, tokenTypes });
  }

  embed(input: TokenBatch): Tensor {
    this.assertInput(input);
    const batch = input.lengths.length;
    const length = this.#lengthOf(input);
    const { firstPosition = 0, readPadding } = this.#options;
    const ids = readPadding === undefined ? input.ids : repadded(input, length, readPadding.id);
    return tidy(() => {
      const rows = (table: Variable, at: Int32Array) =>
        reshape(gather(table as Tensor, tensor1d(at, 'int32')), [batch, length, this.dim]);
      const positions = slice(this.#positions as Tensor, [firstPosition, 0], [length, this.dim]);
      let x = add(rows(this.#embedding, ids), positions); // [B, T, D]
      if (this.#types !== undefined) {
        const known = (this.#types.shape[0]! > 1 && input.types) || new Int32Array(ids.length);
        x = add(x, rows(this.#types, known));
      }
      return this.#norm?.forward(x) ?? x;
    });
  }

  bias(input: TokenBatch): Tensor | undefined {
    const { causal = false, readPadding } = this.#options;
    const length = this.#lengthOf(input);
    return tidy(() => {
      const padding = readPadding === undefined ? paddingBias(maskOf(input)) : undefined;
      if (!causal) return padding!;
      return padding === undefined ? causalBias(length) : add(padding, causalBias(length));
    });
  }

  finish(states: Tensor, input: TokenBatch): EncodedTokens {
    const batch = input.lengths.length;
    assertShape(`${this.#options.name}.finish`, states, [batch, this.#lengthOf(input), this.dim]);
    return tidy(() => {
      const all = this.#transformer.norm?.forward(states) ?? states; // [B, T, D]
      const tokens = slice(all, [0, 0, 0], [batch, input.length, this.dim]); // without padding of our own
      const mask = maskOf(input);
      const { pool } = this.#options;
      const token = pool.kind === 'mean' ? maskedMean(tokens, mask) : this.#tokenOf(all, pool, input); // [B, D]
      const pooled = this.#head?.forward(token) ?? token;
      return { tokens, mask, pooled: withoutEmpty(pooled, input.lengths) };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** Tokens per row inside the encoder. */
  #lengthOf({ length }: TokenBatch): number {
    return this.#options.readPadding === undefined ? length : this.maxLength;
  }

  /** @param tokens `[B, T, D]` @returns `[B, D]` */
  #tokenOf(tokens: Tensor, pool: Exclude<TextPool, { readonly kind: 'mean' }>, input: TokenBatch): Tensor {
    const [batch, length] = tokens.shape as [number, number, number];
    const columns = {
      first: () => 0,
      last: () => length - 1,
      id: (row: number) => columnOf(this.#options.name, input, row, pool.kind === 'id' ? pool.id : undefined),
    };
    const rows = Int32Array.from({ length: batch }, (_, row) => row * length + columns[pool.kind](row));
    return gather(reshape(tokens, [batch * length, this.dim]), tensor1d(rows, 'int32'));
  }
}

/** @returns `[B, length]` */
function maskOf({ lengths, length }: TokenBatch): Tensor {
  return tensor2d(paddingMask(lengths, length), [lengths.length, length]);
}

/** A text without tokens pools to zeros. */
function withoutEmpty(pooled: Tensor, lengths: Int32Array): Tensor {
  if (lengths.every((count) => count > 0)) return pooled;
  const present = Float32Array.from(lengths, (count) => Math.min(count, 1));
  return mul(pooled, tensor2d(present, [lengths.length, 1]));
}

/** Where the token with the id, or with the largest id, first stands in a row. */
function columnOf(name: string, { ids, length, lengths }: TokenBatch, row: number, id: number | undefined): number {
  const text = ids.subarray(row * length, row * length + lengths[row]!);
  if (text.length === 0) return 0;
  const column = text.indexOf(id ?? text.reduce((a, b) => Math.max(a, b)));
  if (column >= 0) return column;
  throw new RangeError(`${name}.forward: row ${row}: expected the token ${id}, which ends a text, got none`);
}
