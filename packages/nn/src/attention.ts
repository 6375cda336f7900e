import {
  add,
  matMul,
  mul,
  reshape,
  slice,
  softmax,
  type Tensor,
  tensor4d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { assertHeads, assertNumber, assertSeed, assertWhole } from './assert-options.js';
import { canFuseAttention, fusedAttention } from './fused-attention.js';
import { Linear } from './linear.js';
import type { PackedColumns, PackedModule } from './low-rank-targets.js';
import { collectParameters, disposeParameters, type NamedParameters } from './module.js';
import { deriveSeed } from './seed.js';
import { assertShape, ShapeError } from './shape-error.js';

/**
 * Scaled dot-product attention: `softmax(Q Kᵀ · scale + bias) V` (Vaswani et al., 2017, Eq. 1).
 *
 * Shapes: `B` batch, `H` heads, `L` query length, `S` source length, `D` head width.
 *
 * @param query `[B, H, L, D]`
 * @param key `[B, H, S, D]`
 * @param value `[B, H, S, D]`
 * @param options.bias added to the logits, broadcastable to `[B, H, L, S]`; see {@link paddingBias}.
 * @param options.scale default `1/√D`.
 * @returns `[B, H, L, D]`
 * @throws {@link ShapeError} if batch, head or width axes disagree, RangeError if the scale is negative or infinite.
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: { readonly bias?: Tensor; readonly scale?: number } = {},
): Tensor {
  assertShape('scaledDotProductAttention: query', query, ['B', 'H', 'L', 'D']);
  const [batch, heads, , width] = query.shape as [number, number, number, number];
  const source = key.shape[2]!;
  for (const [name, tensor] of [
    ['key', key],
    ['value', value],
  ] as const) {
    if (tensor.shape.join() !== [batch, heads, source, width].join()) {
      throw new ShapeError(
        `scaledDotProductAttention: ${name}`,
        `[${batch}, ${heads}, ${source}, ${width}]`,
        tensor.shape,
      );
    }
  }
  const { scale = 1 / Math.sqrt(width) } = options;
  assertNumber('scaledDotProductAttention', { scale });
  return tidy(() => {
    if (canFuseAttention(query, source, options.bias)) {
      const bias = options.bias === undefined ? {} : { bias: options.bias };
      return fusedAttention({ query, key, value, ...bias }, { scale }); // [B, H, L, D]
    }
    let logits = mul(matMul(query, key, false, true), scale); // [B, H, L, S]
    if (options.bias !== undefined) logits = add(logits, options.bias);
    return matMul(softmax(logits), value); // [B, H, L, D]
  });
}

/**
 * Bias for attention logits that gives padding no weight: 0 where the mask is 1, −10⁹ where it is 0.
 *
 * @param mask `[B, S]` of 0 and 1
 * @returns `[B, 1, 1, S]`
 * @throws {@link ShapeError} if the mask is not `[B, S]`.
 */
export function paddingBias(mask: Tensor): Tensor {
  assertShape('paddingBias: mask', mask, ['B', 'S']);
  const [batch, source] = mask.shape as [number, number];
  return tidy(() => reshape(mul(add(mask, -1), 1e9), [batch, 1, 1, source]));
}

/**
 * Bias for attention logits that lets a token read itself and earlier tokens only: 0 there, −10⁹ for later ones.
 * Added to {@link paddingBias}, it does both.
 *
 * @returns `[1, 1, length, length]`
 * @throws RangeError unless the length is a whole number from 1.
 */
export function causalBias(length: number): Tensor {
  assertWhole('causalBias', { length });
  const values = new Float32Array(length * length);
  for (let row = 0; row < length; row++) values.fill(-1e9, row * length + row + 1, (row + 1) * length);
  return tensor4d(values, [1, 1, length, length]);
}

export interface SelfAttentionOptions {
  readonly dim: number;
  /** Must divide `dim`. */
  readonly heads: number;
  /** Multiplies the logits. Default `1/√(dim / heads)`. */
  readonly scale?: number;
  readonly seed: number;
}

/** Multi-head self-attention. `input` holds the query, key and value weights side by side, as in PyTorch. */
export class SelfAttention implements PackedModule {
  readonly input: Linear;
  readonly output: Linear;
  readonly parameters: NamedParameters;
  /** `query`, `key` and `value`: the columns of `input`. */
  readonly packed: Readonly<Record<string, PackedColumns>>;
  readonly #dim: number;
  readonly #heads: number;
  readonly #scale: number;

  /** @param parts projections to use instead of new ones: `[dim, 3 · dim]` and `[dim, dim]`. */
  constructor(
    { dim, heads, scale = Math.sqrt(heads / dim), seed }: SelfAttentionOptions,
    parts?: { readonly input: Linear; readonly output: Linear },
  ) {
    assertWhole('SelfAttention', { dim, heads });
    assertNumber('SelfAttention', { scale });
    assertSeed('SelfAttention', seed);
    assertHeads('SelfAttention', { dim }, heads);
    if (parts !== undefined) {
      assertShape('SelfAttention: input', parts.input.weight, [dim, 3 * dim]);
      assertShape('SelfAttention: output', parts.output.weight, [dim, dim]);
    }
    this.#dim = dim;
    this.#heads = heads;
    this.#scale = scale;
    this.input = parts?.input ?? new Linear({ inputDim: dim, outputDim: 3 * dim, seed: deriveSeed(seed, 'input') });
    this.output = parts?.output ?? new Linear({ inputDim: dim, outputDim: dim, seed: deriveSeed(seed, 'output') });
    this.parameters = collectParameters({ input: this.input, output: this.output });
    const columns = (part: number) => ({ linear: this.input, columns: { from: part * dim, count: dim } });
    this.packed = { query: columns(0), key: columns(1), value: columns(2) };
  }

  /**
   * @param tokens `[B, S, dim]`
   * @param options.bias added to the logits, broadcastable to `[B, heads, L, S]`.
   * @param options.queries computes the output of the first `L` tokens only. All tokens are keys. Default: all.
   * @returns `[B, L, dim]`
   * @throws {@link ShapeError} if the tokens are not `[B, S, dim]`, RangeError unless `queries` is in 1 … S.
   */
  forward(tokens: Tensor, options: { readonly bias?: Tensor; readonly queries?: number } = {}): Tensor {
    const [batch, length] = tokens.shape as [number, number, number];
    if (tokens.rank !== 3 || tokens.shape[2] !== this.#dim) {
      throw new ShapeError('SelfAttention.forward', `[B, S, ${this.#dim}]`, tokens.shape);
    }
    const queries = options.queries ?? length;
    assertQueries('SelfAttention.forward', queries, length);
    return tidy(() => {
      const first = queries === length ? tokens : slice(tokens, [0, 0, 0], [batch, queries, this.#dim]);
      const attend = canFuseAttention(tokens, length, options.bias) ? this.#attendFused : this.#attendByHead;
      return this.output.forward(attend.call(this, first, tokens, options.bias));
    });
  }

  /** A second module with the same weights as constants; see {@link Linear.frozenView}. */
  frozenView(): SelfAttention {
    const parts = { input: this.input.frozenView(), output: this.output.frozenView() };
    return new SelfAttention({ dim: this.#dim, heads: this.#heads, scale: this.#scale, seed: 0 }, parts);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** The fused kernel reads and writes heads side by side, so no transpose is needed. @returns `[B, L, dim]` */
  #attendFused(queries: Tensor, tokens: Tensor, bias: Tensor | undefined): Tensor {
    const operands =
      queries === tokens
        ? { packed: this.input.forward(tokens) } // [B, S, 3D]
        : { query: this.#project(queries, 0, 1), packed: this.#project(tokens, 1, 2) }; // [B, L, D], [B, S, 2D]
    const options = { scale: this.#scale, heads: this.#heads };
    return fusedAttention({ ...operands, ...(bias && { bias }) }, options);
  }

  /** @returns `[B, L, dim]` */
  #attendByHead(queries: Tensor, tokens: Tensor, bias: Tensor | undefined): Tensor {
    const [query, key, value] = [queries, tokens, tokens].map((x, part) => {
      const [batch, length] = x.shape as [number, number, number];
      const heads = reshape(this.#project(x, part, 1), [batch, length, this.#heads, this.#dim / this.#heads]);
      return transpose(heads, [0, 2, 1, 3]); // [B, H, L, D/H]
    }) as [Tensor, Tensor, Tensor];
    const options = { scale: this.#scale, ...(bias && { bias }) };
    const attended = scaledDotProductAttention(query, key, value, options); // [B, H, L, D/H]
    return reshape(transpose(attended, [0, 2, 1, 3]), queries.shape);
  }

  /** Projects to `count` of query (0), key (1) and value (2), side by side. @returns `[..., count · dim]` */
  #project(x: Tensor, first: number, count: number): Tensor {
    return this.input.forward(x, { from: first * this.#dim, count: count * this.#dim });
  }
}

/** @throws RangeError unless the first `queries` tokens exist. */
export function assertQueries(where: string, queries: number, length: number): void {
  if (Number.isInteger(queries) && queries >= 1 && queries <= length) return;
  throw new RangeError(`${where}: expected queries from 1 to the ${length} tokens, got ${String(queries)}`);
}
