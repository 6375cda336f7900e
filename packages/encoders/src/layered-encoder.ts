import type { Module } from '@sifaka/nn';
import type { InputRows } from './fine-tuning/input-rows.js';
import type { BlockEncoder } from './token-encoder.js';

/** An encoder that {@link FineTunedEncoder} can train in part. */
export interface LayeredEncoder<Input> extends BlockEncoder<Input> {
  /** The weights that `embed` reads: embeddings of words, patches, positions and types. */
  readonly embedding: Module;
  /** Tells the rows of a batch apart: {@link pixelRows} or {@link tokenRows}. */
  readonly inputRows: InputRows<Input>;
}
