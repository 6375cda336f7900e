import { assertChoice, assertSeed, assertWhole, type NamedParameters } from '@sifaka/nn';
import { add, matMul, mul, reshape, softmax, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { ActivationUnit } from './activation-unit.js';
import {
  assertTargetedInputs,
  type HistoryReader,
  type TargetedInputs,
  type TargetedReaderOptions,
} from './history-reader.js';
import type { UnitActivation } from './unit-activation.js';

/** How {@link Din} turns scores into weights. */
export type DinPooling =
  /** As in the paper: the scores are the weights. Their sum tells how much of the history is about the target. */
  | { readonly kind: 'sum' }
  /** As in the authors' code: `softmax_j(score_j / √D)`. */
  | { readonly kind: 'softmax' };

export interface DinOptions extends TargetedReaderOptions {
  /** Widths of the activation unit's hidden layers. Default `[36]`, as in the paper. The authors' code: `[80, 40]`. */
  readonly hiddenDims?: readonly number[];
  /** Default `{ kind: 'prelu' }`. */
  readonly activation?: UnitActivation;
  /** Default `{ kind: 'sum' }`. */
  readonly pooling?: DinPooling;
}

/**
 * Deep Interest Network (Zhou et al., 2018, arXiv 1706.06978): the history as it matters to the target `t`,
 *
 * `v = Σ_j a(d_j, t) d_j` (Eq. 3), where `a` is the activation unit, a small MLP.
 *
 * The paper does not normalise the weights. Its Dice activation takes statistics of the batch. Here they are learned,
 * see {@link UnitActivation}. The inputs of the unit are those of the authors' code, see `ActivationUnit`.
 *
 * Shapes: `B` batch, `L` history length, `D` width of the history's vectors.
 */
export class Din implements HistoryReader {
  /** `D` */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #unit: ActivationUnit;
  readonly #pooling: DinPooling;

  /**
   * @throws RangeError if a width is not a whole number from 1, there are no hidden layers, or the kind of activation
   *   or pooling is unknown.
   */
  constructor(options: DinOptions) {
    const { dim, hiddenDims = [36], activation = { kind: 'prelu' }, pooling = { kind: 'sum' }, seed } = options;
    assertChoice('Din', { 'activation.kind': activation.kind }, ['prelu', 'dice', 'sigmoid']);
    assertChoice('Din', { 'pooling.kind': pooling.kind }, ['sum', 'softmax']);
    assertWhole('Din', { dim });
    if (hiddenDims.length === 0) throw new RangeError('Din: expected at least one hidden layer, got none');
    hiddenDims.forEach((width, i) => {
      assertWhole('Din', { [`hiddenDims[${i}]`]: width });
    });
    assertSeed('Din', seed);
    this.outputDim = dim;
    this.#pooling = pooling;
    this.#unit = new ActivationUnit({ dim, hiddenDims, activation, outputBias: pooling.kind === 'sum', seed });
    this.parameters = this.#unit.parameters;
  }

  /**
   * An empty history reads as zeros.
   *
   * @returns `[B, D]`
   * @throws {@link ShapeError} naming the argument that has the wrong shape.
   */
  forward({ target, history, mask }: TargetedInputs): Tensor {
    assertTargetedInputs('Din.forward', this.outputDim, { target, history, mask });
    const [batch, length, dim] = history.shape as [number, number, number];
    return tidy(() => {
      const scores = this.#unit.forward(target, history); // [B, L]
      const activated = this.#pooling.kind === 'sum' ? scores : normalize(scores, mask, dim); // [B, L]
      const weights = reshape(mul(activated, mask), [batch, 1, length]);
      return reshape(matMul(weights, history), [batch, dim]);
    });
  }

  dispose(): void {
    this.#unit.dispose();
  }
}

/** The softmax of `scores / √dim` over the items. @returns `[B, L]` */
function normalize(scores: Tensor, mask: Tensor, dim: number): Tensor {
  return softmax(add(mul(scores, 1 / Math.sqrt(dim)), mul(add(mask, -1), 1e9)));
}
