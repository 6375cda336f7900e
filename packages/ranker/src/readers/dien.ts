import {
  assertNumber,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
} from '@sifaka/nn';
import {
  add,
  concat,
  div,
  maximum,
  mul,
  reshape,
  type Scalar,
  slice,
  softmax,
  softplus,
  stack,
  sub,
  sum,
  type Tensor,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import { Gru } from './gru.js';
import {
  assertTargetedInputs,
  type HistoryReader,
  type HistoryReaderOutput,
  type TargetedInputs,
  type TargetedReaderOptions,
} from './history-reader.js';

export interface DienOptions extends TargetedReaderOptions {
  /** `α`: weight of the auxiliary loss. 0 turns it off. Default 1. */
  readonly auxiliaryWeight?: number;
}

/**
 * Deep Interest Evolution Network (Zhou et al., 2019, arXiv 1809.03672): how the user's interest in the target evolved.
 *
 * 1. Interest extractor: a GRU over the items in the order of time gives interest states `h_t`.
 * 2. Attention to the target `e`: `a_t = softmax_t(h_t W e)`.
 * 3. Interest evolution: an AUGRU over the interest states, a GRU whose update gate is multiplied by `a_t`. Its final
 *    state is the output.
 *
 * `forwardTraining` adds the auxiliary loss (Eq. 6): each interest state should tell apart the next item and another,
 *
 * `−mean[log σ(h_t · d_{t+1}) + log(1 − σ(h_t · n_{t+1}))]`, times `α`.
 *
 * Deviations from the paper:
 *
 * - The paper draws the other item `n_{t+1}` from all items. A reader knows no items but those of its batch. So the row
 *   half a batch further lends its item at the same position. It may be one that the user met too.
 * - The loss is the mean over the steps, as in the authors' code, not the sum, so that it does not grow with the
 *   history. A step counts if its row and the other row both have the items. With a single row there is no loss.
 * - The inner product is the paper's, and asks for states as wide as the items. The authors' code has an MLP there.
 *
 * Shapes: `B` batch, `L` history length, `D` width of the history's vectors and of the states.
 */
export class Dien implements HistoryReader {
  /** `D` */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #auxiliaryWeight: number;
  readonly #extractor: Gru;
  readonly #attention: Linear;
  readonly #evolution: Gru;

  /** @throws RangeError if `dim` is not a whole number from 1, or `auxiliaryWeight` is negative or infinite. */
  constructor({ dim, auxiliaryWeight = 1, seed }: DienOptions) {
    assertWhole('Dien', { dim });
    assertNumber('Dien', { auxiliaryWeight });
    assertSeed('Dien', seed);
    this.outputDim = dim;
    this.#auxiliaryWeight = auxiliaryWeight;
    this.#extractor = new Gru({ dim, seed: deriveSeed(seed, 'extractor') });
    this.#attention = new Linear({
      inputDim: dim,
      outputDim: dim,
      bias: false,
      seed: deriveSeed(seed, 'attention'),
    });
    this.#evolution = new Gru({ dim, seed: deriveSeed(seed, 'evolution') });
    this.parameters = collectParameters({
      extractor: this.#extractor,
      attention: this.#attention,
      evolution: this.#evolution,
    });
  }

  /**
   * An empty history reads as zeros.
   *
   * @returns `[B, D]`
   * @throws {@link ShapeError} naming the argument that has the wrong shape.
   */
  forward(inputs: TargetedInputs): Tensor {
    assertTargetedInputs('Dien.forward', this.outputDim, inputs);
    return tidy(() => this.#evolve(this.#extract(inputs), inputs));
  }

  /**
   * Returns the vectors of `forward`, and the auxiliary loss times `auxiliaryWeight`. There is no loss if the weight is
   * 0, the batch has one row, or the histories have fewer than two items. It is 0 if no step counts.
   *
   * @throws {@link ShapeError} as `forward` does.
   */
  forwardTraining(inputs: TargetedInputs): HistoryReaderOutput {
    assertTargetedInputs('Dien.forwardTraining', this.outputDim, inputs);
    const [batch, length] = inputs.mask.shape as [number, number];
    return tidy(() => {
      const interests = this.#extract(inputs);
      const vectors = this.#evolve(interests, inputs);
      if (this.#auxiliaryWeight === 0 || batch < 2 || length < 2) return { vectors };
      return { vectors, auxiliaryLoss: mul<Scalar>(this.#auxiliaryWeight, nextItemLoss(interests, inputs)) };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** @returns the interest states, most recent first: `[B, D]` each. */
  #extract({ history, mask }: TargetedInputs): Tensor[] {
    const [batch, length] = mask.shape as [number, number];
    return this.#extractor.forward(transpose(history, [1, 0, 2]), reshape(transpose(mask), [length, batch, 1]));
  }

  /** @returns `[B, D]` */
  #evolve(interests: readonly Tensor[], { target, mask }: TargetedInputs): Tensor {
    const [batch, length] = mask.shape as [number, number];
    if (length === 0) return zeros([batch, this.outputDim]);
    const states = stack([...interests]); // [L, B, D]
    const asked = this.#attention.forward(target); // [B, D]
    const logits = transpose(sum(mul(states, asked), 2)); // [B, L]
    const weights = mul(softmax(add(logits, mul(sub(mask, 1), 1e9))), mask); // [B, L], all 0 in an empty row
    return this.#evolution.forward(states, reshape(transpose(weights), [length, batch, 1]))[0]!;
  }
}

/**
 * How badly each state tells apart the next item and one of another row. The mean over the steps that have both.
 *
 * @param interests `[B, D]` each, most recent first, at least two
 */
function nextItemLoss(interests: readonly Tensor[], { history, mask }: TargetedInputs): Scalar {
  const [batch, length, dim] = history.shape as [number, number, number];
  const next = slice(history, [0, 0, 0], [batch, length - 1, dim]); // [B, L − 1, D]: what followed each older item
  const hasNext = slice(mask, [0, 0], [batch, length - 1]); // [B, L − 1]
  const hasItem = slice(mask, [0, 1], [batch, length - 1]);
  const counted = mul(mul(hasItem, hasNext), ofOtherRows(hasNext));
  const states = stack(interests.slice(1), 1); // [B, L − 1, D]
  const right = sum(mul(states, next), 2); // [B, L − 1]
  const wrong = sum(mul(states, ofOtherRows(next)), 2);
  const losses = add(softplus(mul(right, -1)), softplus(wrong));
  return div(sum(mul(losses, counted)), maximum(sum(counted), 1)) as Scalar;
}

/** Gives each row the values of the row half a batch further, which is never itself if there are two rows or more. */
function ofOtherRows(x: Tensor): Tensor {
  const [batch, ...rest] = x.shape as [number, ...number[]];
  const shift = Math.floor(batch / 2);
  const start = rest.map(() => 0);
  return concat([slice(x, [shift, ...start], [batch - shift, ...rest]), slice(x, [0, ...start], [shift, ...rest])], 0);
}
