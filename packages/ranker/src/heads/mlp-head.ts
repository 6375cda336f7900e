import { collectParameters, deriveSeed, disposeParameters, Linear, type NamedParameters } from '@sifaka/nn';
import { concat, relu, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import type { RankingHead, RankingOutput } from './ranking-head.js';

export interface MlpHeadOptions {
  /** Name → width. */
  readonly groups: FeatureGroups;
  /** Widths inside. Default 256 and 64. */
  readonly hiddenDims?: readonly number[];
  readonly seed: number;
}

/**
 * The top of a DLRM (Naumov et al., 2019): all features end to end, linear layers with ReLU between them, one logit. Where LEMUR's
 * Table 2 starts from (DLRM-MLP); the widths there are not stated.
 */
export class MlpHead implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #layers: readonly Linear[];

  /** @throws RangeError if there is no group, or one without a width. */
  constructor({ groups, hiddenDims = [256, 64], seed }: MlpHeadOptions) {
    assertGroups('MlpHead', groups);
    this.#groups = groups;
    const dims = [totalWidth(groups), ...hiddenDims, 1];
    this.#layers = dims
      .slice(1)
      .map((outputDim, i) => new Linear({ inputDim: dims[i]!, outputDim, seed: deriveSeed(seed, 'layers', i) }));
    this.parameters = collectParameters({ layers: this.#layers });
  }

  /**
   * @param features by group name, `[B, width]` each.
   * @returns logits `[B]`
   * @throws {@link ShapeError} naming the group if it is missing, has another width, or another batch than the first.
   */
  forward(features: Features): Tensor {
    const parts = featuresInOrder('MlpHead.forward', this.#groups, features);
    return tidy(() => {
      let x = parts.length === 1 ? parts[0]! : concat(parts, 1); // [B, Σ width]
      this.#layers.forEach((layer, i) => {
        x = layer.forward(i === 0 ? x : relu(x));
      });
      return reshape(x, [-1]); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
