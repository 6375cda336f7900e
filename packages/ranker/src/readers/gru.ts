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
  sigmoid,
  split,
  sub,
  type Tensor,
  tanh,
  tidy,
  unstack,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';

export interface GruOptions {
  /** `D`: width of the inputs and of the state. */
  readonly dim: number;
  readonly seed: number;
}

/**
 * A gated recurrent unit as DIEN writes it (arXiv 1809.03672, Eq. 2–5), with a factor `a_t` on its update gate:
 *
 * - `u_t = a_t σ(W_u x_t + U_u h_{t−1} + b_u)`
 * - `r_t = σ(W_r x_t + U_r h_{t−1} + b_r)`
 * - `c_t = tanh(W_h x_t + r_t ∘ U_h h_{t−1} + b_h)`
 * - `h_t = (1 − u_t) ∘ h_{t−1} + u_t ∘ c_t`, from `h_0 = 0`
 *
 * A factor of 1 gives the GRU, one of 0 skips the step, and attention weights give DIEN's AUGRU.
 *
 * Steps depend on each other, so a history of `L` items takes `L` small products. All that does not depend on the state
 * is computed for all steps at once.
 *
 * Shapes: `B` batch, `L` history length, `D` width.
 */
export class Gru implements Module {
  readonly parameters: NamedParameters;
  /** `W` and `b` of the update gate, the reset gate and the candidate, side by side. */
  readonly #input: Linear;
  /** `U` of the same, `[D, 3D]` */
  readonly #state: Variable;
  readonly #dim: number;

  constructor({ dim, seed }: GruOptions) {
    this.#dim = dim;
    this.#input = new Linear({ inputDim: dim, outputDim: 3 * dim, seed: deriveSeed(seed, 'input') });
    this.#state = parameter(() => xavierUniform([dim, 3 * dim], deriveSeed(seed, 'state')));
    this.parameters = collectParameters({ input: this.#input, state: this.#state });
  }

  /**
   * @param inputs `[L, B, D]`, most recent first. The steps run from the last to the first.
   * @param factors `[L, B, 1]`
   * @returns the states `h_t` in the order of the inputs, `[B, D]` each. The first is the final state.
   */
  forward(inputs: Tensor, factors: Tensor): Tensor[] {
    const [length, batch] = inputs.shape as [number, number, number];
    if (length === 0) return [];
    const dim = this.#dim;
    return tidy(() => {
      const [ofGates, ofCandidate] = split(this.#input.forward(inputs), [2 * dim, dim], 2) as [Tensor, Tensor];
      const [gateInputs, candidateInputs, updateFactors] = [ofGates, ofCandidate, factors].map(stepsOf) as [
        Tensor[],
        Tensor[],
        Tensor[],
      ];
      const states: Tensor[] = new Array(length);
      let state: Tensor = zeros([batch, dim]);
      for (let t = length - 1; t >= 0; t--) {
        const ofState = matMul(state, this.#state as Tensor); // [B, 3D]
        const [stateGates, stateCandidate] = split(ofState, [2 * dim, dim], 1) as [Tensor, Tensor];
        const gates = sigmoid(add(gateInputs[t]!, stateGates)); // [B, 2D]
        const [update, reset] = split(gates, 2, 1) as [Tensor, Tensor];
        const candidate = tanh(add(candidateInputs[t]!, mul(reset, stateCandidate))); // [B, D]
        state = add(state, mul(mul(update, updateFactors[t]!), sub(candidate, state)));
        states[t] = state;
      }
      return states;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/** `[L, …]` → `L` tensors. TensorFlow.js' `unstack` has no gradient if there is only one. */
function stepsOf(x: Tensor): Tensor[] {
  return x.shape[0] === 1 ? [reshape(x, x.shape.slice(1))] : unstack(x);
}
