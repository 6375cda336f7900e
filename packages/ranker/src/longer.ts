import {
  assertShape,
  collectParameters,
  deriveSeed,
  disposeParameters,
  LayerNorm,
  type Module,
  type NamedParameters,
  paddingBias,
  TransformerBlock,
} from '@sifaka/nn';
import { add, concat, ones, reshape, slice, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { assertGroups, type FeatureGroups, featuresInOrder } from './feature-groups.js';
import { GlobalTokens } from './global-tokens.js';
import { SequenceItems } from './sequence-items.js';
import { TokenMerge } from './token-merge.js';

export interface LongerOptions {
  /** Features that become global tokens, such as target, user and query: name → width. */
  readonly globals: FeatureGroups;
  /** Learned global tokens (CLS) beside them. Default 1. */
  readonly learnedGlobals?: number;
  /** Width of the sequence's vectors. */
  readonly sequenceDim: number;
  /** The longest sequence. */
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
  readonly seed: number;
}

export interface LongerInputs {
  /** By name, `[B, width]` each. */
  readonly globals: Readonly<Record<string, Tensor>>;
  /** `[B, L, sequenceDim]`, most recent first */
  readonly sequence: Tensor;
  /** `[B, L]`: 1 where there is an item */
  readonly mask: Tensor;
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
export class Longer implements Module {
  /** `D` */
  readonly dim: number;
  /** `G · D`, the width of what `forward` returns. */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #globals: FeatureGroups;
  readonly #recent: number;
  readonly #globalTokens: GlobalTokens;
  readonly #items: SequenceItems;
  readonly #merge: TokenMerge;
  readonly #layers: readonly TransformerBlock[];
  readonly #norm: LayerNorm;

  /** @throws RangeError if there is no global feature, `merge` is no whole number, or `heads` does not divide the width. */
  constructor(options: LongerOptions) {
    const { globals, learnedGlobals = 1, sequenceDim, maxLength, seed } = options;
    const { itemDim = 16, merge = 4, innerTransformer, depth = 2, heads = 4 } = options;
    assertGroups('Longer', globals);
    this.dim = merge * itemDim;
    if (this.dim % heads !== 0) {
      throw new RangeError(`Longer: expected heads to divide the width ${this.dim} of a token, got ${heads}`);
    }
    this.outputDim = (Object.keys(globals).length + learnedGlobals) * this.dim;
    this.#globals = globals;
    this.#recent = options.recent ?? Math.ceil(0.4 * Math.ceil(maxLength / merge));
    const inner = innerTransformer === undefined ? {} : { innerTransformer };
    this.#merge = new TokenMerge({ itemDim, merge, ...inner, seed: deriveSeed(seed, 'merge') });
    this.#items = new SequenceItems({ sequenceDim, maxLength, itemDim, seed: deriveSeed(seed, 'items') });
    this.#globalTokens = new GlobalTokens({
      groups: globals,
      learned: learnedGlobals,
      dim: this.dim,
      seed: deriveSeed(seed, 'globals'),
    });
    this.#layers = Array.from(
      { length: depth },
      (_, i) => new TransformerBlock({ dim: this.dim, heads, seed: deriveSeed(seed, 'layers', i) }),
    );
    this.#norm = new LayerNorm({ dim: this.dim });
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
  forward(inputs: LongerInputs): Tensor {
    return tidy(() => {
      const globals = this.#encode(inputs, { recent: 0 }); // [B, G, D]
      return reshape(globals, [globals.shape[0]!, this.outputDim]);
    });
  }

  /** All tokens that the last layer returns: what `forward` reads, and the recent tokens of the sequence, which it does not compute. */
  encode(inputs: LongerInputs): LongerTokens {
    return tidy(() => {
      const tokens = this.#encode(inputs, { recent: this.#recent });
      const [batch, count] = tokens.shape as [number, number, number];
      const globals = this.outputDim / this.dim;
      return {
        globals: slice(tokens, [0, 0, 0], [batch, globals, this.dim]),
        recent: slice(tokens, [0, globals, 0], [batch, count - globals, this.dim]),
      };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** @param last.recent how many of the recent tokens the last layer still computes. @returns `[B, G + recent, D]` */
  #encode({ globals, sequence, mask }: LongerInputs, last: { readonly recent: number }): Tensor {
    const features = featuresInOrder('Longer.forward', this.#globals, globals);
    const batch = features[0]!.shape[0]!;
    const length = sequence.shape[1] ?? 0;
    this.#items.assertFits('Longer.forward: sequence', sequence, batch);
    assertShape('Longer.forward: mask', mask, [batch, length]);
    const asking = this.#globalTokens.forward(features); // [B, G, D]
    const merged = this.#merge.forward(this.#items.forward(sequence), mask); // [B, N, D]
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
