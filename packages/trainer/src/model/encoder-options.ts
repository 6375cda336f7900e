import type { EncoderTraining } from '@sifaka/encoders';

/** Which encoder a modality of the content has, and how it is trained. */
export interface EncoderOptions {
  /**
   * A published encoder: a name of the Hugging Face hub or a folder, as `openPretrained` of @sifaka/encoders takes it.
   * `openEncoders` loads it. Default: a small encoder of our own that starts at random weights.
   */
  readonly encoder?: string;
  /** Branch, tag or commit of a published encoder of the hub. Default `main`. */
  readonly revision?: string;
  /** Which of its weights learn. Default `{ kind: 'full' }`. */
  readonly train?: EncoderTraining;
  /**
   * Peak learning rate of the encoder, above 0. Default: `encoderLearningRate` of {@link OptimizerOptions}; for a
   * published encoder at most 3e-5, or 4e-4 with LoRA.
   */
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

/** The short form of options, the name of a published encoder, as options. Other values stay as they are. */
export function withEncoderName(given: unknown): unknown {
  return typeof given === 'string' ? { encoder: given } : given;
}

/**
 * Highest default rates of a published encoder: the middle one of the three that BERT was fine-tuned with (arXiv
 * 1810.04805, A.3), and for low-rank updates the lower of RoBERTa base's two in LoRA (arXiv 2106.09685, Table 9). They are
 * far below the rate of new encoders, at which it would be expected to lose what it knows. We have not tuned them.
 */
const PUBLISHED_RATES = { weights: 3e-5, lora: 4e-4 } as const;

/** Peak learning rate of an encoder. @param encoderLearningRate of the model's optimizer */
export function learningRateOf({ encoder, train, learningRate }: EncoderOptions, encoderLearningRate: number): number {
  if (learningRate !== undefined) return learningRate;
  if (encoder === undefined) return encoderLearningRate;
  return Math.min(encoderLearningRate, PUBLISHED_RATES[train?.kind === 'lora' ? 'lora' : 'weights']);
}
