import type { Module } from '@sifaka/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { FeatureGroups, Features } from '../features/feature-groups.js';

/** Options that every {@link RankingHead} has. */
export interface RankingHeadOptions {
  /** Widths of the groups, by name. Their order matters. */
  readonly groups: FeatureGroups;
  readonly seed: number;
}

/** Turns named groups of features into one logit per row: `RankMixer`, `MlpHead`. */
export interface RankingHead extends Module {
  /**
   * Scores as served.
   *
   * @param features by group name, `[B, width]` each. Groups that the head was not made for are ignored.
   * @returns logits `[B]`, owned by the caller. The features are borrowed.
   * @throws {@link ShapeError} naming the group that is missing, has the wrong width, or has another batch size than
   * the first.
   */
  forward(features: Features): Tensor;
  /**
   * Scores as trained. A head without an auxiliary loss returns `{ logits: this.forward(features) }`. Only a
   * `RankMixer` with experts does more.
   *
   * @throws {@link ShapeError} as `forward` does.
   */
  forwardTraining(features: Features): RankingOutput;
}

/** Result of `forwardTraining`. The caller owns every tensor. */
export interface RankingOutput {
  /** `[B]` */
  readonly logits: Tensor;
  /** Added to the training loss. Absent if there is none. */
  readonly auxiliaryLoss?: Scalar;
  /** Share of experts that are active when serving. Absent without experts. */
  readonly activeShare?: Scalar;
}
