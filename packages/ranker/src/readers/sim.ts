import {
  assertChoice,
  assertHeads,
  assertSeed,
  assertShape,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
  parameter,
} from '@sifaka/nn';
import {
  add,
  concat,
  div,
  eye,
  matMul,
  maximum,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  transpose,
  type Variable,
} from '@tensorflow/tfjs-core';
import { attendHistory } from './history-attention.js';
import {
  assertTargetedInputs,
  type HistoryReader,
  type TargetedInputs,
  type TargetedReaderOptions,
} from './history-reader.js';
import { type FoundItems, keepTop } from './keep-top.js';

/** How {@link Sim} finds the items that matter to the target. */
export type SimSearch =
  /** Items of the target's category, the most recent first. Needs `sameCategory`. Has no weights. */
  | { readonly kind: 'hard' }
  /**
   * Items with the largest inner product with the target, after a learned projection of each. `pooled` trains the
   * projections as the paper does, see {@link Sim}. Default false.
   */
  | { readonly kind: 'soft'; readonly pooled?: boolean };

export interface SimOptions extends TargetedReaderOptions {
  readonly search: SimSearch;
  /** `K`: number of items that the search keeps. Hundreds in the paper. Default 50. */
  readonly top?: number;
  /** Number of attention heads. Must divide `dim`. Default 4. */
  readonly heads?: number;
}

/**
 * Search-based Interest Model (Pi et al., 2020, arXiv 2006.05639) for long histories: a general search unit (GSU) finds
 * the items that matter to the target `t`, and an exact search unit (ESU) attends to those alone.
 *
 * - Hard search: the items of the target's category.
 * - Soft search: the items with the largest `r_j = (W_b d_j)ᵀ (W_a t)` (Eq. 1).
 * - ESU: `head_i = Σ_j softmax_j((W_bi d_j)ᵀ (W_ai t)) d_j`, all heads concatenated.
 *
 * Which items are kept is a choice, through which no gradient flows. The paper trains the soft search by a second
 * network that predicts the label from `Σ_j r_j d_j` and `t`. A reader does not know the label. So there are two ways
 * here:
 *
 * - By default, `r_j` is added to the logits of the heads. The search learns which of the kept items helped.
 * - With `pooled`, `Σ_j r_j d_j` over the whole history is a part of the output, divided by the number of items so that
 *   it does not grow. The head's loss trains the search through it, as the paper's second network does. In a test where
 *   one item of 1,000 decides the label, the sum over all was mostly noise, and the search did not learn: AUC 0.5. The
 *   default reached the best possible one.
 *
 * Further deviations from the paper:
 *
 * - `W_a` and `W_b` start as the identity. Target and history are in one space, so the search starts as their plain
 *   inner product. The paper does not say how they start.
 * - The paper concatenates the time since each item to its vector. The reader does not get times.
 * - The paper does not state the width of a head's projections, nor a scale. Here they are `D / H` wide, with a scale
 *   of `1/√(D / H)`.
 * - All inner products are computed. The paper approximates the search with an index of hashes.
 *
 * The paper reads the recent items by a DIEN beside it. Here that is a second reader.
 *
 * Shapes: `B` batch, `L` history length, `D` width of the history's vectors, `H` heads.
 */
export class Sim implements HistoryReader {
  /** `H · D`, and `D` more if `pooled`. */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #options: Required<SimOptions>;
  /** `W_a` and `W_b` of the soft search, `[D, D]` each. */
  readonly #search: { readonly target: Variable; readonly items: Variable } | undefined;
  readonly #pooled: boolean;
  readonly #query: Linear;
  readonly #key: Linear;

  /**
   * @throws RangeError if the kind of search is unknown, `heads` does not divide `dim`, or `dim` or `top` is not a
   *   whole number from 1.
   */
  constructor(options: SimOptions) {
    const { dim, search, top = 50, heads = 4, seed } = options;
    assertChoice('Sim', { 'search.kind': search.kind }, ['hard', 'soft']);
    assertWhole('Sim', { dim, top });
    assertHeads('Sim', { dim }, heads);
    assertSeed('Sim', seed);
    const soft = search.kind === 'soft';
    this.#options = { ...options, top, heads };
    this.#pooled = soft && search.pooled === true;
    this.outputDim = (this.#pooled ? heads + 1 : heads) * dim;
    this.#search = soft ? { target: parameter(() => eye(dim)), items: parameter(() => eye(dim)) } : undefined;
    const linear = (name: string) =>
      new Linear({ inputDim: dim, outputDim: dim, bias: false, seed: deriveSeed(seed, name) });
    this.#query = linear('query');
    this.#key = linear('key');
    this.parameters = collectParameters({
      searchTarget: this.#search?.target,
      searchItems: this.#search?.items,
      query: this.#query,
      key: this.#key,
    });
  }

  /**
   * If nothing is found, the heads read zeros. The soft search finds something in every history that is not empty.
   *
   * @returns `[B, outputDim]`: the heads, then the pooled vector, if any.
   * @throws {@link ShapeError} naming the argument that has the wrong shape.
   * @throws TypeError if the search is hard and `sameCategory` is missing.
   */
  forward(inputs: TargetedInputs): Tensor {
    this.#assertInputs('Sim.forward', inputs);
    const { target, history, mask } = inputs;
    const [batch, length, dim] = history.shape as [number, number, number];
    return tidy(() => {
      const relevance = this.#relevance(inputs); // [B, L]
      const heads = this.#attend(target, this.#keep(inputs, relevance)); // [B, H · D]
      if (!this.#pooled) return heads;
      const weights = reshape(mul(relevance, mask), [batch, 1, length]);
      const total = reshape(matMul(weights, history), [batch, dim]); // [B, D]
      return concat([heads, div(total, maximum(sum(mask, 1, true), 1))], 1);
    });
  }

  /**
   * Finds the items that `forward` attends to, at most `top`. With hard search, the more recent comes first, and items
   * of other categories are left out. With soft search, the larger inner product comes first, and of equal ones the
   * more recent.
   *
   * @throws as `forward` does.
   */
  search(inputs: TargetedInputs): FoundItems {
    this.#assertInputs('Sim.search', inputs);
    return tidy(() => ({ ...this.#keep(inputs, this.#relevance(inputs)) }));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #assertInputs(where: string, inputs: TargetedInputs): void {
    assertTargetedInputs(where, this.#options.dim, inputs);
    if (this.#options.search.kind === 'soft') return;
    const [batch, length] = inputs.mask.shape as [number, number];
    if (inputs.sameCategory === undefined) {
      throw new TypeError(`${where}: expected sameCategory [${batch}, ${length}] for hard search, got undefined`);
    }
    assertShape(`${where}: sameCategory`, inputs.sameCategory, [batch, length]);
  }

  /** The soft search's `r_j`. For the hard search, the more recent is the more relevant. @returns `[B, L]` */
  #relevance({ target, history, mask }: TargetedInputs): Tensor {
    const [batch, length, dim] = history.shape as [number, number, number];
    if (this.#search === undefined) {
      const recency = tensor1d(Float32Array.from({ length }, (_, j) => length - j));
      return mul(mask, recency); // [B, L]
    }
    const asked = matMul(matMul(target, this.#search.target as Tensor), this.#search.items as Tensor, false, true);
    return reshape(matMul(history, reshape(asked, [batch, dim, 1])), [batch, length]);
  }

  #keep({ history, mask, sameCategory }: TargetedInputs, relevance: Tensor): FoundItems {
    const eligible = this.#search === undefined ? mul(mask, sameCategory!) : mask;
    return keepTop(history, eligible, relevance, this.#options.top);
  }

  /** The exact search unit. @returns `[B, H · D]` */
  #attend(target: Tensor, { items, mask, relevance }: FoundItems): Tensor {
    const { dim, heads } = this.#options;
    const width = dim / heads;
    const [batch, count] = mask.shape as [number, number];
    // Queries in the space of the items: W_biᵀ W_ai t.
    const queries = transpose(reshape(this.#query.forward(target), [batch, heads, width]), [1, 0, 2]); // [H, B, D/H]
    const keys = transpose(reshape(this.#key.effectiveWeight(), [dim, heads, width]), [1, 2, 0]); // [H, D/H, D]
    const present = reshape(mask, [batch, 1, count]);
    const padding = mul(sub(present, 1), 1e9);
    const isTrainedHere = this.#search !== undefined && !this.#pooled;
    const bias = isTrainedHere ? add(padding, reshape(relevance, [batch, 1, count])) : padding;
    const readable = { items, mask: present, bias };
    const asked = transpose(matMul(queries, keys), [1, 0, 2]); // [B, H, D]
    return reshape(attendHistory(asked, readable, 1 / Math.sqrt(width)), [batch, heads * dim]);
  }
}
