import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  xavierUniform,
} from '@sifaka/nn';
import {
  add,
  matMul,
  mul,
  reshape,
  softmax,
  type Tensor,
  tanh,
  tidy,
  transpose,
  type Variable,
} from '@tensorflow/tfjs-core';

/** The weights of a cross layer. */
export type CrossWeights =
  /** `W`, a square matrix: `d²` weights. */
  | { readonly kind: 'full' }
  /** A mixture of experts of low rank: about `2 · experts · rank · d` weights. */
  | {
      readonly kind: 'lowRank';
      /** `r`: width of the space that an expert projects to. It saves weights if `experts · rank` is below `d / 2`. */
      readonly rank: number;
      /** Number of experts. One has no gate. */
      readonly experts: number;
    };

export interface CrossLayerOptions {
  /** `d`: width of the input. */
  readonly dim: number;
  readonly seed: number;
}

/** A layer that multiplies its input by the first layer's input: `x₀ ∘ h(x) + x`. */
export interface CrossLayer extends Module {
  /**
   * @param first `x₀`, `[B, d]`
   * @param x `[B, d]`
   * @returns `[B, d]`
   */
  forward(first: Tensor, x: Tensor): Tensor;
}

/** `x₀ ∘ (W x + b) + x` (DCN-V2, arXiv 2008.13535, Eq. 1). */
export class FullCrossLayer implements CrossLayer {
  readonly parameters: NamedParameters;
  readonly #linear: Linear;

  constructor({ dim, seed }: CrossLayerOptions) {
    this.#linear = new Linear({ inputDim: dim, outputDim: dim, seed });
    this.parameters = this.#linear.parameters;
  }

  forward(first: Tensor, x: Tensor): Tensor {
    return tidy(() => add(mul(first, this.#linear.forward(x)), x)); // [B, d]
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/**
 * `Σ_i G_i(x) E_i(x) + x` with experts `E_i(x) = x₀ ∘ (U_i g(C_i g(V_iᵀ x)) + b)` (DCN-V2, the mixture of low-rank
 * experts). The paper leaves `g` open, here it is tanh. It leaves the gates `G` open between sigmoid and softmax, here
 * they are the softmax of a linear function of `x`.
 *
 * The gates sum to 1 and the experts share `b`. So with `h_i` for `g(C_i g(V_iᵀ x))`, the result equals
 * `x₀ ∘ (Σ_i U_i (G_i h_i) + b) + x`. All `V_i` are one matrix, and all `U_i` another.
 *
 * Shapes: `B` batch, `d` width, `E` experts, `r` rank.
 */
export class LowRankCrossLayer implements CrossLayer {
  readonly parameters: NamedParameters;
  readonly #experts: number;
  readonly #rank: number;
  readonly #contract: Linear;
  readonly #core: Variable;
  readonly #expand: Linear;
  readonly #gate: Linear | undefined;

  constructor({ dim, rank, experts, seed }: CrossLayerOptions & { readonly rank: number; readonly experts: number }) {
    this.#experts = experts;
    this.#rank = rank;
    const inner = experts * rank;
    this.#contract = new Linear({ inputDim: dim, outputDim: inner, bias: false, seed: deriveSeed(seed, 'contract') });
    this.#core = parameter(() => xavierUniform([experts, rank, rank], deriveSeed(seed, 'core')));
    this.#expand = new Linear({ inputDim: inner, outputDim: dim, seed: deriveSeed(seed, 'expand') });
    // The softmax of one gate is 1 whatever its weights are.
    const gate = { inputDim: dim, outputDim: experts, seed: deriveSeed(seed, 'gate') };
    this.#gate = experts > 1 ? new Linear(gate) : undefined;
    this.parameters = collectParameters({
      contract: this.#contract,
      core: this.#core,
      expand: this.#expand,
      gate: this.#gate,
    });
  }

  forward(first: Tensor, x: Tensor): Tensor {
    const [experts, rank] = [this.#experts, this.#rank];
    return tidy(() => {
      const contracted = tanh(reshape(this.#contract.forward(x), [-1, experts, rank])); // [B, E, r]
      const core = matMul(transpose(contracted, [1, 0, 2]), this.#core as Tensor); // [E, B, r]
      let hidden = transpose(tanh(core), [1, 0, 2]); // [B, E, r]
      if (this.#gate !== undefined) {
        const gates = softmax(this.#gate.forward(x)); // [B, E]
        hidden = mul(hidden, reshape(gates, [-1, experts, 1]));
      }
      const crossed = this.#expand.forward(reshape(hidden, [-1, experts * rank])); // [B, d]
      return add(mul(first, crossed), x); // [B, d]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
