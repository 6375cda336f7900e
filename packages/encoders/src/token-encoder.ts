import type { Module, TransformerBlock } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Tokens of a batch of inputs, padded to one length. */
export interface EncodedTokens {
  /** `[B, S, dim]` */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 for a token, 0 for padding. */
  readonly mask: Tensor;
}

/**
 * Turns a batch of inputs into tokens. Models receive their encoders through this interface, so an encoder with another
 * architecture or published weights can replace {@link ImageEncoder} or {@link TextEncoder}.
 *
 * Scaling, normalisation and positions are the encoder's task: image encoders receive {@link Pixels}, text encoders a
 * {@link TokenBatch}.
 */
export interface TokenEncoder<Input> extends Module {
  /** Width of a token. */
  readonly dim: number;
  /** @returns tensors owned by the caller. */
  forward(input: Input): EncodedTokens;
}

/**
 * An encoder whose middle is a stack of transformer blocks. All encoders of this package are. Its steps can be run one
 * by one, to train only the upper blocks: {@link embed}, the `blocks` one after the other with the {@link bias}, and
 * {@link finish}.
 */
export interface BlockEncoder<Input> extends TokenEncoder<Input> {
  /** From the input upwards. */
  readonly blocks: readonly TransformerBlock[];
  /** What enters the first block. @returns `[B, S′, dim]` */
  embed(input: Input): Tensor;
  /** What every block adds to its attention logits; undefined for nothing. @returns broadcastable to `[B, 1, S′, S′]` */
  bias(input: Input): Tensor | undefined;
  /** @param states `[B, S′, dim]`, what leaves the last block */
  finish(states: Tensor, input: Input): EncodedTokens;
}

/** Images of one size, `[B, height, width, 3]`: concatenated RGB bytes, or a tensor of values 0 … 255. */
export type Pixels = Uint8Array | Tensor;

/** Token ids of a batch of texts, padded to one length. */
export interface TokenBatch {
  /** `[B · length]`, row by row. */
  readonly ids: Int32Array;
  /** Tokens per row, padding included. */
  readonly length: number;
  /** `[B]`: number of tokens at the start of each row. Padding follows. */
  readonly lengths: Int32Array;
  /**
   * `[B · length]`: the type of each token, which tells the parts of a text apart (0 for a title, 1 for what follows).
   * Default: all 0. Encoders without type embeddings ignore it.
   */
  readonly types?: Int32Array;
}
