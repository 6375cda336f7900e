import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertSeed, assertWhole } from './assert-options.js';
import { type Activation, activationOf } from './gelu-forms.js';
import { Linear } from './linear.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { deriveSeed } from './seed.js';
import { assertShape } from './shape-error.js';

export interface FeedForwardOptions {
  readonly dim: number;
  /** Width inside. Default `4 · dim`. */
  readonly hiddenDim?: number;
  /** Default `gelu`. */
  readonly activation?: Activation;
  readonly seed: number;
}

/** `activation(x W₁ + b₁) W₂ + b₂` over the last axis. */
export class FeedForward implements Module {
  readonly expand: Linear;
  readonly contract: Linear;
  readonly parameters: NamedParameters;
  readonly #activation: Activation;
  readonly #activate: (x: Tensor) => Tensor;

  /**
   * @param parts maps to use instead of new ones: `[dim, hiddenDim]` and `[hiddenDim, dim]`.
   * @throws RangeError naming the option that is out of range, before a weight is created.
   */
  constructor(
    { dim, hiddenDim = 4 * dim, activation = 'gelu', seed }: FeedForwardOptions,
    parts?: { readonly expand: Linear; readonly contract: Linear },
  ) {
    assertWhole('FeedForward', { dim, hiddenDim });
    assertSeed('FeedForward', seed);
    this.#activation = activation;
    this.#activate = activationOf('FeedForward', activation);
    if (parts !== undefined) {
      assertShape('FeedForward: expand', parts.expand.weight, [dim, hiddenDim]);
      assertShape('FeedForward: contract', parts.contract.weight, [hiddenDim, dim]);
    }
    this.expand =
      parts?.expand ?? new Linear({ inputDim: dim, outputDim: hiddenDim, seed: deriveSeed(seed, 'expand') });
    this.contract =
      parts?.contract ?? new Linear({ inputDim: hiddenDim, outputDim: dim, seed: deriveSeed(seed, 'contract') });
    this.parameters = collectParameters({ expand: this.expand, contract: this.contract });
  }

  /** @param x `[..., dim]` @returns `[..., dim]` */
  forward(x: Tensor): Tensor {
    return tidy(() => this.contract.forward(this.#activate(this.expand.forward(x))));
  }

  /** A second module with the same weights as constants; see {@link Linear.frozenView}. */
  frozenView(): FeedForward {
    const [dim, hiddenDim] = this.expand.weight.shape as [number, number];
    const parts = { expand: this.expand.frozenView(), contract: this.contract.frozenView() };
    return new FeedForward({ dim, hiddenDim, activation: this.#activation, seed: 0 }, parts);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
