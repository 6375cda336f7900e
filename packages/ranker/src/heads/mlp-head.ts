import {
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
} from '@sifaka/nn';
import { concat, relu, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface MlpHeadOptions extends RankingHeadOptions {
  /** Widths of the hidden layers. Default `[256, 64]`. */
  readonly hiddenDims?: readonly number[];
}

/**
 * The top MLP of DLRM (Naumov et al., 2019, arXiv 1906.00091) over all groups concatenated: linear layers with ReLU
 * between them, one logit. LEMUR's Table 2 starts from it (DLRM-MLP) and does not state its widths.
 */
export class MlpHead implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #layers: readonly Linear[];

  /** @throws RangeError if there are no groups, or if a width is not positive. */
  constructor({ groups, hiddenDims = [256, 64], seed }: MlpHeadOptions) {
    assertGroups('MlpHead', groups);
    hiddenDims.forEach((width, i) => {
      assertWhole('MlpHead', { [`hiddenDims[${i}]`]: width });
    });
    assertSeed('MlpHead', seed);
    this.#groups = groups;
    const dims = [totalWidth(groups), ...hiddenDims, 1];
    this.#layers = dims
      .slice(1)
      .map((outputDim, i) => new Linear({ inputDim: dims[i]!, outputDim, seed: deriveSeed(seed, 'layers', i) }));
    this.parameters = collectParameters({ layers: this.#layers });
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('MlpHead.forward', this.#groups, features);
    return tidy(() => {
      let x = concat(parts, 1); // [B, Σ width]
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
