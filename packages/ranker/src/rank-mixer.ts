import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  gelu,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  ShapeError,
  xavierUniform,
} from '@sifaka/nn';
import {
  add,
  matMul,
  mean,
  reshape,
  stack,
  type Tensor,
  tidy,
  transpose,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';

export interface RankMixerOptions {
  /** Semantic groups: name → width. Each becomes one token. */
  readonly groups: Readonly<Record<string, number>>;
  /** Width of a head. A token has one head per token, so its width is `groups · headDim`. Default 8. */
  readonly headDim?: number;
  /** Default 2. */
  readonly depth?: number;
  /** Width inside the per-token feed-forward parts, in token widths. Default 4. */
  readonly expansion?: number;
  readonly seed: number;
}

/**
 * RankMixer (arXiv 2507.15551): `S = LN(TokenMixing(X) + X)`, `X' = LN(PFFN(S) + S)`, mean over tokens, linear head.
 *
 * Shapes: `B` batch, `T` tokens (= groups = heads), `D` token width.
 */
export class RankMixer implements Module {
  /** `D` */
  readonly dim: number;
  readonly parameters: NamedParameters;
  readonly #groups: readonly (readonly [name: string, width: number])[];
  readonly #projections: readonly Linear[];
  readonly #blocks: readonly MixerBlock[];
  readonly #head: Linear;

  constructor({ groups, headDim = 8, depth = 2, expansion = 4, seed }: RankMixerOptions) {
    this.#groups = Object.entries(groups);
    const tokens = this.#groups.length;
    if (tokens === 0) throw new RangeError('RankMixer: expected at least one group, got none');
    this.dim = tokens * headDim;
    this.#projections = this.#groups.map(
      ([name, width]) =>
        new Linear({ inputDim: width, outputDim: this.dim, seed: deriveSeed(seed, 'projection', name) }),
    );
    this.#blocks = Array.from(
      { length: depth },
      (_, i) => new MixerBlock({ tokens, dim: this.dim, expansion, seed: deriveSeed(seed, 'blocks', i) }),
    );
    this.#head = new Linear({ inputDim: this.dim, outputDim: 1, seed: deriveSeed(seed, 'head') });
    this.parameters = collectParameters({
      ...Object.fromEntries(this.#groups.map(([name], i) => [`projection.${name}`, this.#projections[i]])),
      blocks: this.#blocks,
      head: this.#head,
    });
  }

  /**
   * @param features by group name, `[B, width]` each.
   * @returns logits `[B]`
   * @throws {@link ShapeError} naming the group if it is missing, has another width, or another batch than the first.
   */
  forward(features: Readonly<Record<string, Tensor>>): Tensor {
    const batch = features[this.#groups[0]![0]]?.shape[0] ?? 'B';
    for (const [name, width] of this.#groups) {
      const feature = features[name];
      if (feature?.shape.join() !== [batch, width].join()) {
        throw new ShapeError(`RankMixer.forward: ${name}`, `[${batch}, ${width}]`, feature?.shape ?? []);
      }
    }
    return tidy(() => {
      let x = stack(this.#groups.map(([name], i) => this.#projections[i]!.forward(features[name]!))); // [T, B, D]
      for (const block of this.#blocks) x = block.forward(x);
      return reshape(this.#head.forward(mean(x, 0)), [-1]); // [B]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

interface MixerBlockOptions {
  readonly tokens: number;
  readonly dim: number;
  readonly expansion: number;
  readonly seed: number;
}

class MixerBlock implements Module {
  readonly parameters: NamedParameters;
  readonly #mixingNorm: LayerNorm;
  readonly #feedForward: PerTokenFeedForward;
  readonly #feedForwardNorm: LayerNorm;

  constructor({ tokens, dim, expansion, seed }: MixerBlockOptions) {
    this.#mixingNorm = new LayerNorm({ dim });
    this.#feedForward = new PerTokenFeedForward({ tokens, dim, expansion, seed });
    this.#feedForwardNorm = new LayerNorm({ dim });
    this.parameters = collectParameters({
      mixingNorm: this.#mixingNorm,
      feedForward: this.#feedForward,
      feedForwardNorm: this.#feedForwardNorm,
    });
  }

  forward(x: Tensor): Tensor {
    const mixed = this.#mixingNorm.forward(add(mixTokens(x), x)); // [T, B, D]
    return this.#feedForwardNorm.forward(add(this.#feedForward.forward(mixed), mixed)); // [T, B, D]
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/**
 * Parameter-free token mixing: each token is cut into `T` heads, and token `h` of the output lays head `h` of every token end to end.
 *
 * @param x `[T, B, D]`, `D` a multiple of `T`
 * @returns `[T, B, D]`
 */
export function mixTokens(x: Tensor): Tensor {
  const [tokens, batch, dim] = x.shape as [number, number, number];
  if (x.rank !== 3 || dim % tokens !== 0)
    throw new ShapeError('mixTokens', '[T, B, D] with D a multiple of T', x.shape);
  return tidy(() => {
    const heads = reshape(x, [tokens, batch, tokens, dim / tokens]); // [T, B, H, D/H]
    return reshape(transpose(heads, [2, 1, 0, 3]), [tokens, batch, dim]);
  });
}

/** A feed-forward part of its own for each token: `gelu(x W₁ + b₁) W₂ + b₂`. */
class PerTokenFeedForward implements Module {
  readonly parameters: NamedParameters;
  readonly #expand: Variable;
  readonly #expandBias: Variable;
  readonly #contract: Variable;
  readonly #contractBias: Variable;

  constructor({ tokens, dim, expansion, seed }: MixerBlockOptions) {
    this.#expand = parameter(() => xavierUniform([tokens, dim, expansion * dim], deriveSeed(seed, 'expand')));
    this.#expandBias = parameter(() => zeros([tokens, 1, expansion * dim]));
    this.#contract = parameter(() => xavierUniform([tokens, expansion * dim, dim], deriveSeed(seed, 'contract')));
    this.#contractBias = parameter(() => zeros([tokens, 1, dim]));
    this.parameters = collectParameters({
      expand: this.#expand,
      expandBias: this.#expandBias,
      contract: this.#contract,
      contractBias: this.#contractBias,
    });
  }

  /** @param x `[T, B, D]` @returns `[T, B, D]` */
  forward(x: Tensor): Tensor {
    return tidy(() => {
      const hidden = gelu(add(matMul(x, this.#expand as Tensor), this.#expandBias)); // [T, B, kD]
      return add(matMul(hidden, this.#contract as Tensor), this.#contractBias);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
