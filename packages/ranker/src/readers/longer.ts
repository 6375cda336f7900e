import {
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
import {
  assertReaderInputs,
  type HistoryReader,
  type HistoryReaderInputs,
  type HistoryReaderOptions,
} from './history-reader.js';
import { SequenceItems } from './sequence-items.js';
import { TokenMerge } from './token-merge.js';

/** Each group of features becomes a global token. */
export interface LongerOptions extends HistoryReaderOptions {
  /** Learned global tokens (CLS) beside them. Default 1. */
  readonly learnedGlobals?: number;
  /** The longest history. */
  readonly maxLength: number;
  /** Width `d` of an item inside; a token is `merge · itemDim` wide. The paper's is 32; default 16. */
  readonly itemDim?: number;
  /** `K`: how many neighbours are merged to one token. Default 4, as in the paper, where 8 also stands. */
  readonly merge?: number;
  /** InnerTrans: a transformer block among the items of each merged token. Default where `merge` is more than 1. */
  readonly innerTransformer?: boolean;
  /** `k`: how many of the most recent merged tokens ask. Default 40 % of all: the paper's best is 100 at 2,000 items, 250 tokens at K = 8. */
  readonly recent?: number;
  /** Attention layers: one cross-causal, the others self-causal. Default 2. */
  readonly depth?: number;
  /** Must divide `merge · itemDim`. Default 4. */
  readonly heads?: number;
}

export interface LongerTokens {
  /** `[B, G, D]`: the named global tokens, then the learned ones. */
  readonly globals: Tensor;
  /** `[B, k, D]`: the most recent merged tokens, most recent first. Those without an item hold nothing of use. */
  readonly recent: Tensor;
}

/**
 * LONGER (arXiv 2505.04421): a transformer over a long sequence in which only global tokens and the most recent tokens ask.
 *
 * `R = [G; H]` with the merged sequence `H`, `O = [G; H_{1…k}]`; first layer `softmax(O W_q (R W_k)ᵀ / √d + M) R W_v`, the others the same
 * within `[G; H_{1…k}]`. `M` lets a token of the sequence see itself and what is older; a global token sees all. What stands for a
 * sequence's token thus depends neither on the candidate nor on anything later.
 *
 * Shapes: `B` batch, `L` sequence, `G` global tokens, `N = ⌈L / K⌉` merged tokens, `D = K · itemDim`.
 */
export class Longer implements HistoryReader {
  /** `D`, the width of a token. */
  readonly tokenDim: number;
  /** `G · D`, the width of what `forward` returns. */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #options: LongerOptions;
  readonly #recent: number;
  readonly #globalTokens: GlobalTokens;
  readonly #items: SequenceItems;
  readonly #merge: TokenMerge;
  readonly #layers: readonly TransformerBlock[];
  readonly #norm: LayerNorm;

  /** @throws RangeError if there is no global feature, `merge` is no whole number, or `heads` does not divide the width. */
  constructor(options: LongerOptions) {
    const { groups, dim, learnedGlobals = 1, maxLength, seed } = options;
    const { itemDim = 16, merge = 4, innerTransformer, depth = 2, heads = 4 } = options;
    assertGroups('Longer', groups);
    this.tokenDim = merge * itemDim;
    if (this.tokenDim % heads !== 0) {
      throw new RangeError(`Longer: expected heads to divide the width ${this.tokenDim} of a token, got ${heads}`);
    }
    this.outputDim = (Object.keys(groups).length + learnedGlobals) * this.tokenDim;
    this.#options = options;
    this.#recent = options.recent ?? Math.ceil(0.4 * Math.ceil(maxLength / merge));
    const inner = innerTransformer === undefined ? {} : { innerTransformer };
    this.#merge = new TokenMerge({ itemDim, merge, ...inner, seed: deriveSeed(seed, 'merge') });
    this.#items = new SequenceItems({ dim, maxLength, itemDim, seed: deriveSeed(seed, 'items') });
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
   * What a ranker reads: the global tokens, end to end.
   *
   * @returns `[B, G · D]`
   * @throws {@link ShapeError} naming the argument whose width, length or batch differs.
   */
  forward(inputs: HistoryReaderInputs): Tensor {
    return tidy(() => {
      const globals = this.#encode(inputs, { recent: 0 }); // [B, G, D]
      return reshape(globals, [globals.shape[0]!, this.outputDim]);
    });
  }

  /** All tokens that the last layer returns: what `forward` reads, and the recent tokens of the sequence, which it does not compute. */
  encode(inputs: HistoryReaderInputs): LongerTokens {
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

  /** @param last.recent how many of the recent tokens the last layer still computes. @returns `[B, G + recent, D]` */
  #encode(inputs: HistoryReaderInputs, last: { readonly recent: number }): Tensor {
    const features = assertReaderInputs('Longer.forward', this.#options, inputs);
    const { history, mask } = inputs;
    const batch = history.shape[0]!;
    const asking = this.#globalTokens.forward(features); // [B, G, D]
    const merged = this.#merge.forward(this.#items.forward(history), mask); // [B, N, D]
    const count = asking.shape[1]!;
    let x = concat([asking, merged.tokens], 1); // [B, G + N, D]
    let known: Tensor = concat([ones([batch, count]), merged.mask], 1); // [B, G + N]
    this.#layers.forEach((layer, i) => {
      const recent = i === this.#layers.length - 1 ? last.recent : this.#recent;
      const queries = Math.min(count + recent, x.shape[1]!);
      const padding = paddingBias(known); // [B, 1, 1, S]
      const bias = queries === count ? padding : add(padding, causalBias(count, queries, x.shape[1]!));
      x = layer.forward(x, { bias, queries });
      known = slice(known, [0, 0], [batch, queries]);
    });
    return this.#norm.forward(x);
  }
}

/** What keeps the sequence's tokens from seeing global and more recent ones: 0 where row may see column. @returns `[1, 1, queries, sources]` */
function causalBias(globals: number, queries: number, sources: number): Tensor {
  const bias = new Float32Array(queries * sources);
  for (let i = globals; i < queries; i++) bias.fill(-1e9, i * sources, i * sources + i);
  return tensor4d(bias, [1, 1, queries, sources]);
}
