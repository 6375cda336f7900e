import { add, mul, slice, type Tensor, tensor1d, tidy, type Variable } from '@tensorflow/tfjs-core';
import { assertNumber, assertSeed, assertWhole } from './assert-options.js';
import { assertQueries, SelfAttention } from './attention.js';
import { FeedForward } from './feed-forward.js';
import { type Activation, activationOf } from './gelu-forms.js';
import { LayerNorm } from './layer-norm.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { parameter } from './parameter.js';
import { quoted } from './quoted.js';
import { deriveSeed } from './seed.js';

/** Where a block normalises. */
export interface BlockNorm {
  /**
   * `pre`: the input of each part (Xiong et al., 2020), as ViT and CLIP do. `post`: the sum of each part and its input
   * (Vaswani et al., 2017), as BERT does.
   */
  readonly kind: 'pre' | 'post';
  /** Added to the variance. Above 0. Default 1e-5. */
  readonly epsilon?: number;
}

export interface TransformerBlockOptions {
  readonly dim: number;
  /** Must divide `dim`. */
  readonly heads: number;
  /** Width inside the feed-forward part. Default `4 · dim`. */
  readonly hiddenDim?: number;
  /** Default `{ kind: 'pre' }`. */
  readonly norm?: BlockNorm;
  /** Default `gelu`. */
  readonly activation?: Activation;
  /**
   * Initial value of two learned vectors that multiply what attention and the feed-forward part add (LayerScale,
   * Touvron et al., 2021). Default: there are none.
   */
  readonly layerScale?: number;
  readonly seed: number;
}

/**
 * One transformer block: attention, then a feed-forward part, each added to its input and normalised. `pre`:
 * `x + attention(norm(x))`, then `x + feedForward(norm(x))`. `post`: `norm(x + attention(x))`, then
 * `norm(x + feedForward(x))`.
 */
export class TransformerBlock implements Module {
  readonly attentionNorm: LayerNorm;
  readonly attention: SelfAttention;
  /** LayerScale of attention, `[dim]`. */
  readonly attentionScale: Variable | undefined;
  readonly feedForwardNorm: LayerNorm;
  readonly feedForward: FeedForward;
  /** LayerScale of the feed-forward part, `[dim]`. */
  readonly feedForwardScale: Variable | undefined;
  readonly parameters: NamedParameters;
  readonly #dim: number;
  readonly #isPre: boolean;

  /** @throws RangeError naming the option that is out of range, before a weight is created. */
  constructor(options: TransformerBlockOptions) {
    const { dim, heads, hiddenDim = 4 * dim, norm = { kind: 'pre' }, activation = 'gelu', layerScale, seed } = options;
    assertWhole('TransformerBlock', { dim, heads, hiddenDim });
    assertSeed('TransformerBlock', seed);
    assertBlockNorm('TransformerBlock', norm);
    if (layerScale !== undefined) assertNumber('TransformerBlock', { layerScale });
    activationOf('TransformerBlock', activation);
    this.#dim = dim;
    this.#isPre = norm.kind === 'pre';
    // First, because it throws if `heads` does not divide `dim`: nothing else needs disposal then.
    this.attention = new SelfAttention({ dim, heads, seed: deriveSeed(seed, 'attention') });
    this.attentionNorm = new LayerNorm({ dim, ...epsilonOf(norm) });
    this.feedForwardNorm = new LayerNorm({ dim, ...epsilonOf(norm) });
    this.feedForward = new FeedForward({ dim, hiddenDim, activation, seed: deriveSeed(seed, 'feedForward') });
    if (layerScale !== undefined) {
      this.attentionScale = parameter(() => tensor1d(new Float32Array(dim).fill(layerScale)));
      this.feedForwardScale = parameter(() => tensor1d(new Float32Array(dim).fill(layerScale)));
    }
    this.parameters = collectParameters({
      attentionNorm: this.attentionNorm,
      attention: this.attention,
      attentionScale: this.attentionScale,
      feedForwardNorm: this.feedForwardNorm,
      feedForward: this.feedForward,
      feedForwardScale: this.feedForwardScale,
    });
  }

  /**
   * @param x `[B, S, dim]`
   * @param options.bias added to the attention logits, broadcastable to `[B, heads, L, S]`.
   * @param options.queries computes the output of the first `L` tokens only. All tokens are keys. Default: all.
   * @returns `[B, L, dim]`
   */
  forward(x: Tensor, options: { readonly bias?: Tensor; readonly queries?: number } = {}): Tensor {
    const { queries = x.shape[1]! } = options;
    if (x.rank === 3) assertQueries('TransformerBlock.forward', queries, x.shape[1]!);
    return tidy(() => {
      const first = queries === x.shape[1] ? x : slice(x, [0, 0, 0], [x.shape[0]!, queries, this.#dim]); // [B, L, D]
      const attended = this.attention.forward(this.#before(this.attentionNorm, x), options); // [B, L, D]
      const middle = this.#after(this.attentionNorm, add(first, scaled(attended, this.attentionScale))); // [B, L, D]
      const changed = this.feedForward.forward(this.#before(this.feedForwardNorm, middle)); // [B, L, D]
      return this.#after(this.feedForwardNorm, add(middle, scaled(changed, this.feedForwardScale))); // [B, L, D]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #before(norm: LayerNorm, x: Tensor): Tensor {
    return this.#isPre ? norm.forward(x) : x;
  }

  #after(norm: LayerNorm, x: Tensor): Tensor {
    return this.#isPre ? x : norm.forward(x);
  }
}

/** @throws RangeError naming the kind or the epsilon that is wrong. */
export function assertBlockNorm(where: string, { kind, epsilon }: BlockNorm): void {
  if (kind !== 'pre' && kind !== 'post') {
    throw new RangeError(`${where}: expected norm.kind to be pre or post, got ${quoted(kind)}`);
  }
  if (epsilon !== undefined) assertNumber(where, { 'norm.epsilon': epsilon }, { above: true });
}

export function epsilonOf({ epsilon }: BlockNorm): { readonly epsilon?: number } {
  return epsilon === undefined ? {} : { epsilon };
}

function scaled(x: Tensor, scale: Variable | undefined): Tensor {
  return scale === undefined ? x : mul(x, scale);
}
