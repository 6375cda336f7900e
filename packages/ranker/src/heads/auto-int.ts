import {
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
  scaledDotProductAttention,
} from '@sifaka/nn';
import { add, relu, reshape, split, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { assertGroups, type FeatureGroups, type Features, featuresInOrder } from '../features/feature-groups.js';
import { GroupTokens } from '../features/feature-tokens.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface AutoIntOptions extends RankingHeadOptions {
  /** `d`: width of a group's embedding. Default 16. */
  readonly dim?: number;
  /** Number of attention heads, `H`. Default 2. */
  readonly heads?: number;
  /** `d'`: width of a head. After a layer a group is `H · d'` wide. Default 32. */
  readonly headDim?: number;
  /** Number of attention layers. Default 3. */
  readonly depth?: number;
}

/**
 * AutoInt (Song et al., 2019, arXiv 1810.11921): the embeddings of the groups attend to each other, layer by layer. The
 * logit is a linear function of all of them, concatenated (Eq. 9). The defaults are the paper's.
 *
 * A layer is `ReLU(ẽ_m + W_Res e_m)` (Eq. 8). `ẽ_m` concatenates `Σ_k softmax_k(⟨W_Query e_m, W_Key e_k⟩) W_Value e_k`
 * of every head (Eq. 5 to 7). The logits of the softmax are not scaled, and there are no biases, as in the paper.
 *
 * Deviations. A group's embedding is a linear function of it. For one-hot, multi-hot and single-number groups, this is
 * the paper's (Eq. 2 to 4), if a multi-hot group has 1/q for each of its q values. There is no dropout, as in the other
 * heads. AutoInt+, which adds an MLP, is not here.
 *
 * Shapes: `B` batch, `G` groups, `H` heads.
 */
export class AutoInt implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #embedding: GroupTokens;
  readonly #layers: readonly InteractingLayer[];
  readonly #head: Linear;

  /** @throws RangeError if there are no groups, or an option is out of range. */
  constructor({ groups, dim = 16, heads = 2, headDim = 32, depth = 3, seed }: AutoIntOptions) {
    assertGroups('AutoInt', groups);
    assertWhole('AutoInt', { dim, heads, headDim, depth });
    assertSeed('AutoInt', seed);
    this.#groups = groups;
    this.#embedding = new GroupTokens({ groups, dim, bias: false, seed: deriveSeed(seed, 'embedding') });
    const width = heads * headDim;
    this.#layers = Array.from({ length: depth }, (_, i) => {
      const inputDim = i === 0 ? dim : width;
      return new InteractingLayer({ inputDim, heads, headDim, seed: deriveSeed(seed, 'layers', i) });
    });
    const joined = Object.keys(groups).length * width;
    this.#head = new Linear({ inputDim: joined, outputDim: 1, seed: deriveSeed(seed, 'head') });
    this.parameters = collectParameters({ embedding: this.#embedding, layers: this.#layers, head: this.#head });
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('AutoInt.forward', this.#groups, features);
    return tidy(() => {
      let x = transpose(this.#embedding.forward(parts), [1, 0, 2]); // [B, G, d]
      for (const layer of this.#layers) x = layer.forward(x); // [B, G, H · d']
      const [batch, groups, width] = x.shape as [number, number, number];
      return reshape(this.#head.forward(reshape(x, [batch, groups * width])), [batch]); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

interface InteractingLayerOptions {
  readonly inputDim: number;
  readonly heads: number;
  readonly headDim: number;
  readonly seed: number;
}

/** AutoInt's interacting layer. `input` holds the query, key, value and residual weights side by side: one product. */
class InteractingLayer implements Module {
  readonly parameters: NamedParameters;
  readonly #heads: number;
  readonly #headDim: number;
  readonly #input: Linear;

  constructor({ inputDim, heads, headDim, seed }: InteractingLayerOptions) {
    this.#heads = heads;
    this.#headDim = headDim;
    this.#input = new Linear({ inputDim, outputDim: 4 * heads * headDim, bias: false, seed });
    this.parameters = collectParameters({ input: this.#input });
  }

  /**
   * @param x `[B, G, inputDim]`
   * @returns `[B, G, H · d']`
   */
  forward(x: Tensor): Tensor {
    return tidy(() => {
      const [query, key, value, residual] = split(this.#input.forward(x), 4, 2) as [Tensor, Tensor, Tensor, Tensor];
      const [batch, groups] = residual.shape as [number, number, number];
      const byHead = (each: Tensor): Tensor => {
        return transpose(reshape(each, [batch, groups, this.#heads, this.#headDim]), [0, 2, 1, 3]); // [B, H, G, d']
      };
      const attended = scaledDotProductAttention(byHead(query), byHead(key), byHead(value), { scale: 1 });
      const joined = reshape(transpose(attended, [0, 2, 1, 3]), residual.shape); // [B, G, H · d']
      return relu(add(joined, residual));
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
