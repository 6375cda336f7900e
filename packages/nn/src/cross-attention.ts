import { cast, max, mul, reshape, slice, type Tensor, tidy, transpose, zeros } from '@tensorflow/tfjs-core';
import { assertHeads, assertNumber, assertSeed, assertWhole } from './assert-options.js';
import { paddingBias, scaledDotProductAttention } from './attention.js';
import { canFuseAttention, fusedAttention } from './fused-attention.js';
import { Linear } from './linear.js';
import type { PackedColumns, PackedModule } from './low-rank-targets.js';
import { collectParameters, disposeParameters, type NamedParameters } from './module.js';
import { deriveSeed } from './seed.js';
import { assertShape } from './shape-error.js';

export interface CrossAttentionOptions {
  /** `D`: width of the queries and of the output. */
  readonly dim: number;
  /** `W`: width of the source tokens. Default `dim`. */
  readonly sourceDim?: number;
  /** Must divide `dim`. */
  readonly heads: number;
  /** Multiplies the logits. Default `1/√(dim / heads)`. */
  readonly scale?: number;
  readonly seed: number;
}

/**
 * Multi-head attention from queries to the tokens of another source (Vaswani et al., 2017). `source` holds the key and
 * value weights side by side.
 *
 * A row whose source tokens are all masked, or that has none, reads zeros: its output is the bias of the output map.
 * Plain softmax would read the mean of the masked tokens instead.
 *
 * Shapes: `B` batch, `L` queries, `S` source tokens, `D` width, `W` width of the source.
 */
export class CrossAttention implements PackedModule {
  readonly query: Linear;
  readonly source: Linear;
  readonly output: Linear;
  readonly parameters: NamedParameters;
  /** `key` and `value`: the columns of `source`. */
  readonly packed: Readonly<Record<string, PackedColumns>>;
  readonly #dim: number;
  readonly #sourceDim: number;
  readonly #heads: number;
  readonly #scale: number;

  /**
   * @param base makes a {@link frozenView} of it instead of new weights.
   * @throws RangeError naming the option that is out of range, before a weight is created.
   */
  constructor(
    { dim, sourceDim = dim, heads, scale = Math.sqrt(heads / dim), seed }: CrossAttentionOptions,
    base?: CrossAttention,
  ) {
    assertWhole('CrossAttention', { dim, sourceDim, heads });
    assertNumber('CrossAttention', { scale });
    assertSeed('CrossAttention', seed);
    assertHeads('CrossAttention', { dim }, heads);
    this.#dim = dim;
    this.#sourceDim = sourceDim;
    this.#heads = heads;
    this.#scale = scale;
    this.query =
      base?.query.frozenView() ?? new Linear({ inputDim: dim, outputDim: dim, seed: deriveSeed(seed, 'query') });
    this.source =
      base?.source.frozenView() ??
      new Linear({ inputDim: sourceDim, outputDim: 2 * dim, seed: deriveSeed(seed, 'source') });
    this.output =
      base?.output.frozenView() ?? new Linear({ inputDim: dim, outputDim: dim, seed: deriveSeed(seed, 'output') });
    this.parameters = collectParameters({ query: this.query, source: this.source, output: this.output });
    const columns = (part: number) => ({ linear: this.source, columns: { from: part * dim, count: dim } });
    this.packed = { key: columns(0), value: columns(1) };
  }

  /**
   * @param queries `[B, L, D]`
   * @param source `[B, S, W]`; S may be 0.
   * @param options.mask `[B, S]`: 1 for a token, 0 for padding. Default: all ones.
   * @returns `[B, L, D]`
   * @throws `ShapeError` if a shape differs.
   */
  forward(queries: Tensor, source: Tensor, options: { readonly mask?: Tensor } = {}): Tensor {
    assertShape('CrossAttention.forward: queries', queries, ['B', 'L', this.#dim]);
    const batch = queries.shape[0]!;
    assertShape('CrossAttention.forward: source', source, [batch, 'S', this.#sourceDim]);
    const length = source.shape[1]!;
    const { mask } = options;
    if (mask !== undefined) assertShape('CrossAttention.forward: mask', mask, [batch, length]);
    return tidy(() => {
      if (length === 0) return this.output.forward(zeros(queries.shape));
      const query = this.query.forward(queries); // [B, L, D]
      const packed = this.source.forward(source); // [B, S, 2D]
      if (mask === undefined) return this.output.forward(this.#attend(query, packed)); // [B, L, D]
      const present = reshape(max(cast(mask, 'float32'), 1), [batch, 1, 1]); // 0 if every token is masked
      const attended = this.#attend(query, packed, paddingBias(mask)); // [B, L, D]
      return this.output.forward(mul(attended, present)); // [B, L, D]
    });
  }

  /** A second module with the same weights as constants; see {@link Linear.frozenView}. */
  frozenView(): CrossAttention {
    const options = { dim: this.#dim, sourceDim: this.#sourceDim, heads: this.#heads, scale: this.#scale, seed: 0 };
    return new CrossAttention(options, this);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #attend(query: Tensor, packed: Tensor, bias?: Tensor): Tensor {
    const [heads, scale] = [this.#heads, this.#scale];
    const named = bias && { bias };
    if (canFuseAttention(query, packed.shape[1]!, bias)) {
      return fusedAttention({ query, packed, ...named }, { scale, heads });
    }
    const [key, value] = [0, 1].map((part) => {
      const [batch, length] = packed.shape as [number, number, number];
      return slice(packed, [0, 0, part * this.#dim], [batch, length, this.#dim]);
    });
    const [q, k, v] = [query, key!, value!].map((x) => splitHeads(x, heads));
    const attended = scaledDotProductAttention(q!, k!, v!, { scale, ...named }); // [B, H, L, D/H]
    return reshape(transpose(attended, [0, 2, 1, 3]), query.shape);
  }
}

/** `[B, S, D]` → `[B, H, S, D/H]` */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, dim] = x.shape as [number, number, number];
  return transpose(reshape(x, [batch, length, heads, dim / heads]), [0, 2, 1, 3]);
}
