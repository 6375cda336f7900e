import {
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { relu, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Widths of the hidden layers where a head's options do not say. */
export const DEFAULT_HIDDEN_DIMS: readonly number[] = [256, 64];

export interface MlpOptions {
  readonly inputDim: number;
  /** Widths of the hidden layers. Empty: one linear layer. */
  readonly hiddenDims: readonly number[];
  readonly seed: number;
}

/** Linear layers with ReLU between them, one number per row. */
export class Mlp implements Module {
  readonly parameters: NamedParameters;
  readonly #layers: readonly Linear[];

  constructor({ inputDim, hiddenDims, seed }: MlpOptions) {
    const dims = [inputDim, ...hiddenDims, 1];
    this.#layers = dims
      .slice(1)
      .map((outputDim, i) => new Linear({ inputDim: dims[i]!, outputDim, seed: deriveSeed(seed, 'layers', i) }));
    this.parameters = collectParameters({ layers: this.#layers });
  }

  /**
   * @param input `[B, inputDim]`
   * @returns `[B]`
   */
  forward(input: Tensor): Tensor {
    return tidy(() => {
      let x = input;
      this.#layers.forEach((layer, i) => {
        x = layer.forward(i === 0 ? x : relu(x));
      });
      return reshape(x, [-1]); // [B]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/** @throws RangeError naming the first width that is not a whole number from 1. */
export function assertHiddenDims(where: string, hiddenDims: readonly number[]): void {
  hiddenDims.forEach((width, i) => {
    assertWhole(where, { [`hiddenDims[${i}]`]: width });
  });
}
