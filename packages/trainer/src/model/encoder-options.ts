import type { EncoderTraining } from '@sifaka/encoders';
import { MODALITIES } from './content-fusion.js';

/** How an encoder of the content is trained. */
export interface EncoderOptions {
  /** Which of its weights learn. Default `{ kind: 'full' }`. */
  readonly train?: EncoderTraining;
  /** Peak learning rate of the encoder, above 0. Default: `encoderLearningRate` of {@link OptimizerOptions}. */
  readonly learningRate?: number;
  /** Default: `weightDecay` of {@link OptimizerOptions}. */
  readonly weightDecay?: number;
  /**
   * Multiplies the learning rate by `layerDecay^d` for a layer `d` below the top, as in the fine-tuning of ELECTRA and
   * BEiT. Above 0, at most 1. Not with LoRA. Default 1.
   */
  readonly layerDecay?: number;
  /**
   * Gradient checkpointing: the backward pass computes each block that learns again, which takes less memory and one
   * more forward pass. Default false.
   */
  readonly recompute?: boolean;
}

/** The encoders that have options: one of each modality. */
export const ENCODERS: typeof MODALITIES = MODALITIES;
