import { matMul, mul, type Tensor, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';
import { assertNumber, assertSeed, assertWhole } from './assert-options.js';
import { type Columns, columnsOf } from './columns.js';
import { smallNormal } from './initializers.js';
import { linear } from './linear.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { parameter } from './parameter.js';
import { ShapeError } from './shape-error.js';

export interface LowRankUpdateOptions {
  /** Width of the last input axis. */
  readonly inputDim: number;
  /** Width of the last output axis. */
  readonly outputDim: number;
  /** `r`: from 1 to the smaller of the two widths. */
  readonly rank: number;
  /** `α`, above 0. The update is multiplied by `α/r`. Default `rank`, a factor of 1. */
  readonly alpha?: number;
  readonly seed: number;
}

/**
 * The low-rank update of LoRA (Hu et al., 2021, arXiv 2106.09685, Eq. 3): `ΔW x = (α/r) B A x`.
 *
 * The paper multiplies columns from the left, this package multiplies rows from the right. So the factors are stored
 * transposed: `down` is `Aᵀ` `[inputDim, rank]`, `up` is `Bᵀ` `[rank, outputDim]`, and the update of rows `x` is
 * `(α/r) x · down · up`.
 *
 * `up` starts at zero, so the update starts at zero. `down` starts normal, as in the paper, which names no deviation.
 * Here it is `1/√inputDim`, redrawn beyond two deviations, so that `x · down` is about as large as an entry of `x`.
 *
 * {@link AdamW} decays both factors, which draws an adapted weight towards `W₀`.
 *
 * It is useful alone: `add(vectors, update.forward(vectors))` adapts stored vectors to a task. {@link LowRankAdapter}
 * puts updates on the weights of a module.
 */
export class LowRankUpdate implements Module {
  /** `Aᵀ` `[inputDim, rank]` */
  readonly down: Variable;
  /** `Bᵀ` `[rank, outputDim]` */
  readonly up: Variable;
  readonly parameters: NamedParameters;
  readonly #scale: number;

  /** @throws RangeError naming the option that is out of range. */
  constructor({ inputDim, outputDim, rank, alpha = rank, seed }: LowRankUpdateOptions) {
    assertLowRank('LowRankUpdate', { inputDim, outputDim, rank, alpha });
    assertSeed('LowRankUpdate', seed);
    this.#scale = alpha / rank;
    this.down = parameter(() => smallNormal([inputDim, rank], seed, 1 / Math.sqrt(inputDim)));
    this.up = parameter(() => zeros([rank, outputDim]));
    this.parameters = collectParameters({ down: this.down, up: this.up });
  }

  /**
   * @param x `[..., inputDim]`
   * @param columns computes these columns of the update only. Default: all.
   * @returns `[..., outputDim]`, or `[..., columns.count]`: the update alone, without `x` or `W₀ x`.
   * @throws {@link ShapeError} if the last axis differs, RangeError for columns that do not exist.
   */
  forward(x: Tensor, columns?: Columns): Tensor {
    const [inputDim] = this.down.shape;
    if (x.shape.at(-1) !== inputDim) throw new ShapeError('LowRankUpdate.forward', `[..., ${inputDim}]`, x.shape);
    return tidy(() => {
      const inner = mul(linear(x, this.down as Tensor), this.#scale); // [..., r], scaled where it is smallest
      return linear(inner, columnsOf('LowRankUpdate.forward', this.up as Tensor, columns)); // [..., outputDim]
    });
  }

  /** `ΔW`, to be added to a {@link Linear}'s weight. @returns `[inputDim, outputDim]` */
  weight(): Tensor {
    return tidy(() => mul(matMul(this.down as Tensor, this.up as Tensor), this.#scale));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/** @throws RangeError naming the option: a rank above the smaller side of the weight would not be low. */
export function assertLowRank(
  where: string,
  { inputDim, outputDim, rank, alpha }: Required<Omit<LowRankUpdateOptions, 'seed'>>,
): void {
  assertWhole(where, { inputDim, outputDim, rank });
  assertNumber(where, { alpha }, { above: true });
  const most = Math.min(inputDim, outputDim);
  if (rank <= most) return;
  const side = `${most}, the smaller side of the weight [${inputDim}, ${outputDim}]`;
  throw new RangeError(`${where}: expected rank to be at most ${side}, got ${rank}`);
}
