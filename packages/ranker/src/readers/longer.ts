import {
  assertHeads,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  LayerNorm,
  type NamedParameters,
  paddingBias,
  TransformerBlock,
} from '@sifaka/nn';
import { add, concat, ones, reshape, slice, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { assertGroups } from '../features/feature-groups.js';
import { GlobalTokens } from './global-tokens.js';
import { HistoryItems } from './history-items.js';
import {
  assertReaderInputs,
  type HistoryReader,
  type HistoryReaderOptions,
  type UntargetedInputs,
} from './history-reader.js';
import { TokenMerge } from './token-merge.js';

/** Each group of `groups` becomes a global token. */
export interface LongerOptions extends HistoryReaderOptions {
  /** Number of learned global tokens (CLS). Default 1. */
  readonly learnedGlobals?: number;
  /** Maximum length of a history. */
  readonly maxLength: number;
  /** `d`: width of an item inside the reader. A token is `merge · itemDim` wide. 32 in the paper. Default 16. */
  readonly itemDim?: number;
  /** `K`: number of neighbours that one token merges. 4 or 8 in the paper. Default 4. */
  readonly merge?: number;
  /** InnerTrans: a transformer block over the items of each token. Default true if `merge` is more than 1. */
  readonly innerTransformer?: boolean;
  /**
   * `k`: number of most recent tokens that query the history. Default 40 % of all tokens: the paper's best is 100 for
   * 2,000 items, which are 250 tokens at K = 8.
   */
  readonly recent?: number;
  /** Number of attention layers: one cross-causal, the others self-causal. Default 2. */
  readonly depth?: number;
  /** Must divide `merge · itemDim`. Default 4. */
  readonly heads?: number;
}

/** Tokens after the last layer. The caller owns both tensors. */
export interface LongerTokens {
  /** `[B, G, D]`: global tokens of the groups, then the learned ones. */
  readonly globals: Tensor;
  /** `[B, k, D]`: the most recent tokens of the history, most recent first. Tokens without an item are meaningless. */
  readonly recent: Tensor;
}

/**
 * LONGER (arXiv 2505.04421): a transformer over a long history in which only the global tokens and the most recent
 * tokens are queries.
 *
 * The first layer computes `softmax(O W_q (R W_k)ᵀ / √d + M) R W_v`, where `R = [G; H]` are the global tokens and the
 * merged history, and `O = [G; H_{1…k}]`. Later layers do the same within `[G; H_{1…k}]`. The mask `M` lets a token of
 * the history see itself and older tokens, and a global token see everything. A token of the history therefore depends
 * neither on the candidate nor on newer events.
 *
 * Shapes: `B` batch, `L` history length, `G` global tokens, `N = ⌈L / K⌉` tokens of the history, `D = K · itemDim`
 * width of a token.
 */
export class Longer implements HistoryReader {
  /** `D`: width of a token. */
  readonly tokenDim: number;
  /** `G · D`: width of all global tokens concatenated. */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #options: LongerOptions;
  readonly #recent: number;
  readonly #globalTokens: GlobalTokens;
  readonly #items: HistoryItems;
  readonly #merge: TokenMerge;
  readonly #layers: readonly TransformerBlock[];
  readonly #norm: LayerNorm;

  /**
   * @throws RangeError if there are no groups, `heads` does not divide `D`, or another option is not a whole number in
   *   its range.
   */
  constructor(options: LongerOptions) {
    const { groups, dim, learnedGlobals = 1, maxLength, seed } = options;
    const { itemDim = 16, merge = 4, innerTransformer, depth = 2, heads = 4 } = options;
    assertGroups('Longer', groups);
    assertWhole('Longer', { dim, maxLength, itemDim, merge, depth });
    assertWhole('Longer', { learnedGlobals }, 0);
    if (options.recent !== undefined) assertWhole('Longer', { recent: options.recent }, 0);
    assertSeed('Longer', seed);
    this.tokenDim = merge * itemDim;
    assertHeads('Longer', { 'the token width': this.tokenDim }, heads);
    this.outputDim = (Object.keys(groups).length + learnedGlobals) * this.tokenDim;
    this.#options = options;
    this.#recent = options.recent ?? Math.ceil(0.4 * Math.ceil(maxLength / merge));
    const inner = innerTransformer === undefined ? {} : { innerTransformer };
    this.#merge = new TokenMerge({ itemDim, merge, ...inner, seed: deriveSeed(seed, 'merge') });
    this.#items = new HistoryItems({ dim, maxLength, itemDim, seed: deriveSeed(seed, 'items') });
    this.#globalTokens = new GlobalTokens({
      groups,
      learned: learnedGlobals,
      dim: this.tokenDim,
      seed: deriveSeed(seed, 'globals'),
    });
    this.#layers = Array.from(
      { length: depth },
      (_, i) => new TransformerBlock({ dim: this.tokenDim, heads, seed: deriveSeed(seed, 'layers', i) }),
    );
    this.#norm = new LayerNorm({ dim: this.tokenDim });
    this.parameters = collectParameters({
      globals: this.#globalTokens,
      items: this.#items,
      merge: this.#merge,
      layers: this.#layers,
      norm: this.#norm,
    });
  }

  /**
   * Returns the global tokens, concatenated.
   *
   * @returns `[B, G · D]`
   * @throws {@link ShapeError} naming the group or argument that is missing or has the wrong shape.
   */
  forward(inputs: UntargetedInputs): Tensor {
    return tidy(() => {
      const globals = this.#encode(inputs, { recent: 0 }); // [B, G, D]
      return reshape(globals, [globals.shape[0]!, this.outputDim]);
    });
  }

  /** Returns the global tokens and the recent tokens. `forward` skips the last layer of the latter. */
  encode(inputs: UntargetedInputs): LongerTokens {
    return tidy(() => {
      const tokens = this.#encode(inputs, { recent: this.#recent });
      const [batch, count] = tokens.shape as [number, number, number];
      const globals = this.outputDim / this.tokenDim;
      return {
        globals: slice(tokens, [0, 0, 0], [batch, globals, this.tokenDim]),
        recent: slice(tokens, [0, globals, 0], [batch, count - globals, this.tokenDim]),
      };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /**
   * @param last.recent number of recent tokens that the last layer computes.
   * @returns `[B, G + recent, D]`
   */
  #encode(inputs: UntargetedInputs, last: { readonly recent: number }): Tensor {
    const features = assertReaderInputs('Longer.forward', this.#options, inputs);
    const { history, mask } = inputs;
    const batch = history.shape[0]!;
    const globals = this.#globalTokens.forward(features); // [B, G, D]
    const merged = this.#merge.forward(this.#items.forward(history), mask); // [B, N, D]
    const count = globals.shape[1]!;
    let x = concat([globals, merged.tokens], 1); // [B, G + N, D]
    let present: Tensor = concat([ones([batch, count]), merged.mask], 1); // [B, G + N]
    this.#layers.forEach((layer, i) => {
      const recent = i === this.#layers.length - 1 ? last.recent : this.#recent;
      const queries = Math.min(count + recent, x.shape[1]!);
      const padding = paddingBias(present); // [B, 1, 1, S]
      const bias = queries === count ? padding : add(padding, causalBias(count, queries, x.shape[1]!));
      x = layer.forward(x, { bias, queries });
      present = slice(present, [0, 0], [batch, queries]);
    });
    return this.#norm.forward(x);
  }
}

/**
 * Hides global and newer tokens from the tokens of the history: 0 where a row may see a column, −10⁹ elsewhere.
 *
 * @returns `[1, 1, queries, sources]`
 */
function causalBias(globals: number, queries: number, sources: number): Tensor {
  const bias = new Float32Array(queries * sources);
  for (let i = globals; i < queries; i++) bias.fill(-1e9, i * sources, i * sources + i);
  return tensor4d(bias, [1, 1, queries, sources]);
}
