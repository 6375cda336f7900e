import {
  CrossAttention,
  collectParameters,
  deriveSeed,
  disposeParameters,
  FeedForward,
  type FeedForwardOptions,
  LayerNorm,
  type Module,
  type NamedParameters,
  parameter,
  smallNormal,
} from '@sifaka/nn';
import { add, reshape, type Tensor, tidy, tile, type Variable } from '@tensorflow/tfjs-core';

export interface AttentionPoolOptions extends FeedForwardOptions {
  readonly heads: number;
  readonly epsilon: number;
}

/**
 * SigLIP's pooling: a learned probe reads the tokens by attention, then `x + feedForward(norm(x))` (Zhai et al., 2022,
 * arXiv 2106.04560, "MAP head").
 */
export class AttentionPool implements Module {
  readonly parameters: NamedParameters;
  readonly #dim: number;
  readonly #probe: Variable;
  readonly #attention: CrossAttention;
  readonly #norm: LayerNorm;
  readonly #feedForward: FeedForward;

  constructor({ heads, epsilon, ...options }: AttentionPoolOptions) {
    const { dim, seed } = options;
    this.#dim = dim;
    this.#attention = new CrossAttention({ dim, heads, seed: deriveSeed(seed, 'attention') });
    this.#probe = parameter(() => smallNormal([1, dim], deriveSeed(seed, 'probe')));
    this.#norm = new LayerNorm({ dim, epsilon });
    this.#feedForward = new FeedForward({ ...options, seed: deriveSeed(seed, 'feedForward') });
    this.parameters = collectParameters({
      probe: this.#probe,
      attention: this.#attention,
      norm: this.#norm,
      feedForward: this.#feedForward,
    });
  }

  /** @param tokens `[B, S, dim]` @returns `[B, dim]` */
  forward(tokens: Tensor): Tensor {
    const batch = tokens.shape[0]!;
    return tidy(() => {
      const probes = tile(reshape(this.#probe, [1, 1, this.#dim]), [batch, 1, 1]);
      const read = reshape(this.#attention.forward(probes, tokens), [batch, this.#dim]);
      return add(read, this.#feedForward.forward(this.#norm.forward(read)));
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
