import type { Module } from '@sifaka/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Features } from '../features/feature-groups.js';

/** What ends a ranking model: groups of features in, a logit out. */
export interface RankingHead extends Module {
  /**
   * As it serves.
   *
   * @param features by group name, `[B, width]` each.
   * @returns logits `[B]`
   * @throws {@link ShapeError} naming the group if it is missing, has another width, or another batch than the first.
   */
  forward(features: Features): Tensor;
  /** As it trains. Differs from `forward` only in a RankMixer with a mixture of experts. */
  forwardTraining(features: Features): RankingOutput;
}

/** The caller owns every tensor. */
export interface RankingOutput {
  /** `[B]` */
  readonly logits: Tensor;
  /** What the trainer adds to its loss; absent where there is nothing to add. */
  readonly auxiliaryLoss?: Scalar;
  /** Share of the experts that are active when serving; absent without experts. */
  readonly activeShare?: Scalar;
}
