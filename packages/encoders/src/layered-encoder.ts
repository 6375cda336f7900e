import type { Module } from '@sifaka/nn';
import type { InputRows } from './fine-tuning/input-rows.js';
import type { BlockEncoder } from './token-encoder.js';

/** An encoder that {@link FineTunedEncoder} can train in part. */
export interface LayeredEncoder<Input> extends BlockEncoder<Input> {
  /** The weights that `embed` reads: embeddings of words, patches, positions and types. */
  readonly embedding: Module;
  /** Tells the rows of a batch apart: {@link pixelRows} or {@link tokenRows}. */
  readonly inputRows: InputRows<Input>;
  /**
   * What decides the output of `embed` and of the blocks beside their weights, as one text: sizes, heads, activations.
   * Rows that were kept for another architecture, in memory or on disk, are not used.
   */
  readonly architecture: string;
  /**
   * Throws what {@link forward} throws for a bad input. A cache calls it, because `embed` does not run for rows that are
   * kept.
   */
  assertInput(input: Input): void;
}
