import type { TensorInfo } from '@tensorflow/tfjs-core';

/**
 * The fused kernels: operations that TensorFlow.js does not have, each a single kernel of an engine. An engine
 * implements any of them; {@link FusedKernelTable} says which belong together. `@sifaka/nn` uses those that the running
 * engine has, and composes the others from TensorFlow.js' operations.
 *
 * All tensors are float32 unless stated. Inputs are borrowed; outputs belong to TensorFlow.js. `@sifaka/nn` defines the
 * gradients: those of `Attention` and `LayerNorm` run the kernel named `…Gradient`, that of `Gelu` uses its slope, and
 * that of `Linear` is composed, and that of `SparseMatMul` runs it on the transposed matrix. `AdamW` and `GlobalNorm`
 * have none.
 */
export interface FusedKernels {
  /** `x W + b`. */
  readonly Linear: {
    /** `x [..., K]`, `weight [K, N]`, `bias [N]`. */
    readonly inputs: { readonly x: TensorInfo; readonly weight: TensorInfo; readonly bias?: TensorInfo };
    readonly attributes: Readonly<Record<never, never>>;
    /** `[..., N]`. */
    readonly outputs: TensorInfo;
  };

  /** `x · Φ(x)`, with the exact normal distribution function. */
  readonly Gelu: {
    readonly inputs: { readonly x: TensorInfo };
    /** `slope: 1` adds the second output, which training needs. */
    readonly attributes: { readonly slope?: 0 | 1 };
    /**
     * The value, or the value and the slope `Φ(x) + x · φ(x)`, which is the derivative. Both have the shape of `x`.
     */
    readonly outputs: TensorInfo | [value: TensorInfo, slope: TensorInfo];
  };

  /** `(x − mean) / √(variance + epsilon) · scale + shift` over the last axis. */
  readonly LayerNorm: {
    /** `x [..., D]`, `scale [D]`, `shift [D]`. */
    readonly inputs: { readonly x: TensorInfo; readonly scale: TensorInfo; readonly shift: TensorInfo };
    readonly attributes: { readonly epsilon: number };
    /** `[..., D]`. */
    readonly outputs: TensorInfo;
  };

  readonly LayerNormGradient: {
    /** `x` and `scale` of `LayerNorm`, and `dy [..., D]`, the gradient of its output. */
    readonly inputs: { readonly x: TensorInfo; readonly scale: TensorInfo; readonly dy: TensorInfo };
    readonly attributes: { readonly epsilon: number };
    /** The gradients of `x`, `scale` and `shift`. */
    readonly outputs: [dx: TensorInfo, dScale: TensorInfo, dShift: TensorInfo];
  };

  /** `softmax(Q Kᵀ · scale + bias) V`, head by head. */
  readonly Attention: {
    readonly inputs: AttentionInputs;
    readonly attributes: AttentionAttributes;
    /**
     * The output in the layout of the query, and the attention weights, which `AttentionGradient` reads:
     * `[B, H, L, P]`, where each engine chooses `P ≥ S` and fills the rest of a row with zeros.
     */
    readonly outputs: [output: TensorInfo, weights: TensorInfo];
  };

  readonly AttentionGradient: {
    /** Those of `Attention`, its `weights`, and the gradient `dy` of its output. */
    readonly inputs: AttentionInputs & { readonly weights: TensorInfo; readonly dy: TensorInfo };
    readonly attributes: AttentionAttributes;
    /** The gradients of the inputs that are given, in the order `query`, `key`, `value`, `packed`, `bias`. */
    readonly outputs: TensorInfo[];
  };

  /**
   * One update of all weights: `w ← w − rate · m / (√v + ε) − decay · w`, with moments `m` and `v` of the clipped
   * gradient.
   */
  readonly AdamW: {
    /**
     * A list: the first and the second moments `[N]` of all weights end to end, which are changed in place; the
     * weights; then one gradient for each weight.
     */
    readonly inputs: readonly TensorInfo[];
    /** `clip` multiplies the gradients; `rates` and `decays` have one entry for each weight. */
    readonly attributes: {
      readonly clip: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly rates: readonly number[];
      readonly decays: readonly number[];
    };
    /** The updated weights. They may reuse the memory of weights that no other tensor shares. */
    readonly outputs: TensorInfo[];
  };

  /** A sparse matrix of R rows, C columns and Z entries, times a dense one: `A x + plus`. */
  readonly SparseMatMul: {
    /**
     * `A` row by row: the entries of row `r` are `starts[r]` to `starts[r + 1]` of `columns` and `values`. `starts
     * [R + 1]`, `columns [Z]`, both int32 and trusted; `values [Z]`; `x [C, D]`; `plus [R, D]`.
     */
    readonly inputs: {
      readonly starts: TensorInfo;
      readonly columns: TensorInfo;
      readonly values: TensorInfo;
      readonly x: TensorInfo;
      readonly plus?: TensorInfo;
    };
    readonly attributes: Readonly<Record<never, never>>;
    /** `[R, D]`. */
    readonly outputs: TensorInfo;
  };

  /** `√ Σ x²` over all inputs. */
  readonly GlobalNorm: {
    /** A list. */
    readonly inputs: readonly TensorInfo[];
    readonly attributes: Readonly<Record<never, never>>;
    /** A scalar. */
    readonly outputs: TensorInfo;
  };
}

/**
 * The operands of attention in one of three layouts. `B` batch, `H` heads, `L` query rows, `S` source rows, `D` head
 * width.
 *
 * - `query [B, H, L, D]`, `key` and `value [B, H, S, D]`; the output is `[B, H, L, D]`.
 * - `packed [B, S, 3 · H · D]`: queries, keys and values side by side; the output is `[B, S, H · D]`.
 * - `query [B, L, H · D]` and `packed [B, S, 2 · H · D]`, keys and values side by side; the output is `[B, L, H · D]`.
 *
 * `bias` has four axes that broadcast to `[B, H, L, S]`; the last of them is S.
 */
export interface AttentionInputs {
  readonly query?: TensorInfo;
  readonly key?: TensorInfo;
  readonly value?: TensorInfo;
  readonly packed?: TensorInfo;
  readonly bias?: TensorInfo;
}

export interface AttentionAttributes {
  /** Multiplies the products of queries and keys. */
  readonly scale: number;
  /** H; needed with `packed`. */
  readonly heads?: number;
}

export type FusedKernelName = keyof FusedKernels;

/** One call of a fused kernel. */
export interface FusedCall<Name extends FusedKernelName> {
  readonly inputs: FusedKernels[Name]['inputs'];
  readonly attributes: FusedKernels[Name]['attributes'];
}

/** An engine's implementation. `Context` is what the engine's kernels work with, such as its memory. */
export type FusedKernel<Name extends FusedKernelName, Context> = (
  call: FusedCall<Name> & Context,
) => FusedKernels[Name]['outputs'];

/** The fused kernels that one engine implements. A kernel whose gradient is a kernel comes with that kernel. */
export type FusedKernelTable<Context> = {
  readonly [Name in 'Linear' | 'Gelu' | 'AdamW' | 'GlobalNorm' | 'SparseMatMul']?: FusedKernel<Name, Context>;
} & AllOrNone<'LayerNorm' | 'LayerNormGradient', Context> &
  AllOrNone<'Attention' | 'AttentionGradient', Context>;

type AllOrNone<Names extends FusedKernelName, Context> =
  | { readonly [Name in Names]: FusedKernel<Name, Context> }
  | { readonly [Name in Names]?: never };
