import type { Block, Module } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { InputRows } from './fine-tuning/input-rows.js';
import type { EncodedTokens, TokenEncoder } from './token-encoder.js';

/** Tokens between two blocks. */
export interface HiddenTokens {
  /** `[B, S, dim]` */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 for a token, 0 for padding. The tokens of a row come first, then its padding. */
  readonly mask: Tensor;
}

/** How to run blocks. */
export interface EncodeOptions {
  /** Gradient checkpointing; see `runBlocks` of @sifaka/nn. Default false. */
  readonly recompute?: boolean | undefined;
}

/**
 * An encoder with an embedding, blocks, and what follows them, such as a final norm. {@link FineTunedEncoder} trains
 * some of its layers. `forward(input)` is `upper(lower(input, n), n)` for every `n` from 0 to the number of blocks.
 */
export interface LayeredEncoder<Input> extends TokenEncoder<Input> {
  /** What comes before the blocks: embeddings of words, patches and positions. */
  readonly embedding: Module;
  /** From the input to the output. */
  readonly blocks: readonly Block[];
  /** Tells the rows of a batch apart: {@link pixelRows} or {@link tokenRows}. */
  readonly inputRows: InputRows<Input>;
  /** Runs the embedding and the first `count` blocks. @returns tensors owned by the caller. */
  lower(input: Input, count: number, options?: EncodeOptions): HiddenTokens;
  /**
   * Runs the blocks after the first `count`, and what follows them.
   *
   * @param hidden what {@link lower} returned
   * @returns tensors owned by the caller.
   */
  upper(hidden: HiddenTokens, count: number, options?: EncodeOptions): EncodedTokens;
}
