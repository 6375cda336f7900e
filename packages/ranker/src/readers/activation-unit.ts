import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { add, matMul, mul, reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type Activation, makeActivation, type UnitActivation } from './unit-activation.js';

export interface ActivationUnitOptions {
  /** `D`: width of the target and of the history's vectors. */
  readonly dim: number;
  /** Widths of the hidden layers, at least one. */
  readonly hiddenDims: readonly number[];
  readonly activation: UnitActivation;
  /** Whether the score has a bias. A softmax over the scores would cancel it. */
  readonly outputBias: boolean;
  readonly seed: number;
}

/**
 * DIN's activation unit (arXiv 1706.06978, Fig. 2): a small MLP scores an item of the history against the target.
 *
 * The authors' code gives the MLP `[t, d, t − d, t ∘ d]`. The figure has an "out product" in place of the last two.
 * This class computes the same functions as the code, but from fewer products. A linear layer that reads `t` and `d`
 * gains nothing from `t − d`. `t` goes through its part of the first layer once per row, not once per item. And since
 * `W₁ d + W₂ (t ∘ d) = (W₁ + W₂ diag(t)) d`, each row has a first layer of its own, so that `t ∘ d` is never made.
 * Nothing of the size of the history is copied.
 *
 * Shapes: `B` batch, `L` history length, `D` width.
 */
export class ActivationUnit implements Module {
  readonly parameters: NamedParameters;
  readonly #target: Linear;
  readonly #items: Linear;
  readonly #activations: readonly Activation[];
  readonly #layers: readonly Linear[];

  constructor({ dim, hiddenDims, activation, outputBias, seed }: ActivationUnitOptions) {
    const first = hiddenDims[0]!;
    this.#items = new Linear({ inputDim: 2 * dim, outputDim: first, seed: deriveSeed(seed, 'items') });
    this.#target = new Linear({ inputDim: dim, outputDim: first, bias: false, seed: deriveSeed(seed, 'target') });
    this.#activations = hiddenDims.map((width) => makeActivation(activation, width));
    this.#layers = hiddenDims.map((inputDim, i) => {
      const outputDim = hiddenDims[i + 1];
      const output = outputDim === undefined ? { outputDim: 1, bias: outputBias } : { outputDim };
      return new Linear({ inputDim, ...output, seed: deriveSeed(seed, 'layers', i) });
    });
    this.parameters = collectParameters({
      items: this.#items,
      target: this.#target,
      activations: this.#activations,
      layers: this.#layers,
    });
  }

  /**
   * @param target `[B, D]`
   * @param history `[B, L, D]`
   * @returns scores `[B, L]`, of any sign
   */
  forward(target: Tensor, history: Tensor): Tensor {
    const [batch, length, dim] = history.shape as [number, number, number];
    return tidy(() => {
      const weights = this.#items.effectiveWeight(); // [2 D, hidden]: W₁ above W₂
      const hidden = weights.shape[1]!;
      const [ofItem, ofProduct] = [0, dim].map((start) => slice(weights, [start, 0], [dim, hidden]));
      const ofRow = add(ofItem!, mul(reshape(target, [batch, dim, 1]), ofProduct!)); // [B, D, hidden]
      const ofTarget = add(this.#target.forward(target), this.#items.bias as Tensor); // [B, hidden]
      let x = add(matMul(history, ofRow), reshape(ofTarget, [batch, 1, hidden])); // [B, L, hidden]
      this.#layers.forEach((layer, i) => {
        x = layer.forward(this.#activations[i]!.forward(x));
      });
      return reshape(x, [batch, length]);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
