import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  dropout,
  FeedForward,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
  paddingBias,
  parameter,
  SelfAttention,
  ShapeError,
  smallNormal,
  xavierUniform,
} from '@sifaka/nn';
import { add, concat, ones, reshape, slice, type Tensor, tidy, tile, type Variable } from '@tensorflow/tfjs-core';
import { checkOptions } from './check-options.js';

export interface FusionQFormerOptions {
  /** Names of the modalities, in the order of their tokens. Each gets a type embedding. */
  readonly modalities: readonly string[];
  /** Width of the modality tokens and of the layers. */
  readonly dim: number;
  /** Number of learned queries. EM3's public experiments use 1 or 2. Default 2. */
  readonly numQueries?: number;
  /** Number of layers. Default 1, as in EM3's public experiments. */
  readonly depth?: number;
  /** Attention heads, which must divide `dim`. Default 4, as in EM3's public experiments. */
  readonly heads?: number;
  /** Width of the fused vector. Default `dim`. */
  readonly outputDim?: number;
  /** Adds a feed-forward part to each layer. EM3's code has none. Default false. */
  readonly feedForward?: boolean;
  /** Dropout rate after attention. EM3's public experiments use 0.5 or 0.8 on frozen features. Default 0. */
  readonly dropout?: number;
  readonly seed: number;
}

/** The tokens of one modality of each item. */
export interface ModalityTokens {
  /** `[B, S, dim]` */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 for a token, 0 for padding; a row of zeros for an item without this modality. Default: all ones. */
  readonly mask?: Tensor;
}

export interface FusionQFormerOutput {
  /** `[B, Q, dim]`: output of each learned query. */
  readonly queries: Tensor;
  /** `[B, outputDim]`: one vector per item. */
  readonly vector: Tensor;
}

/**
 * EM3's Fusion-Q-Former (arXiv 2404.06078, in the form of its public code). Learned queries and the tokens of all
 * modalities attend to each other. Only the queries are read, so any number of modalities becomes a fixed number of
 * vectors.
 *
 * `X₀ = [queries; tokens]`. Each layer computes `X ← LayerNorm(Dropout(MultiHeadAttention(X)) + X)`. The first Q rows
 * are concatenated and pass through one linear map. Unlike BLIP-2's Q-Former, there is no cross-attention and no
 * feed-forward part.
 *
 * Not in the paper: a type embedding per modality, without which only content tells image and text tokens apart; masks
 * for items that lack a modality; and a last layer that computes only the query rows, because nothing else is read.
 */
export class FusionQFormer implements Module {
  readonly modalities: readonly string[];
  readonly parameters: NamedParameters;
  readonly #queries: Variable;
  readonly #types: Variable;
  readonly #layers: readonly FusionLayer[];
  readonly #output: Linear;
  readonly #dim: number;
  readonly #numQueries: number;

  /** @throws RangeError naming the option that is out of range, before a weight is created. */
  constructor(options: FusionQFormerOptions) {
    const {
      modalities,
      dim,
      numQueries = 2,
      depth = 1,
      heads = 4,
      outputDim = dim,
      feedForward = false,
      dropout: rate = 0,
      seed,
    } = options;
    checkOptions({ modalities, dim, numQueries, depth, heads, outputDim, feedForward, dropout: rate, seed });
    this.modalities = modalities;
    this.#dim = dim;
    this.#numQueries = numQueries;
    this.#layers = Array.from(
      { length: depth },
      (_, i) => new FusionLayer({ dim, heads, feedForward, dropout: rate, seed: deriveSeed(seed, 'layers', i) }),
    );
    this.#queries = parameter(() => xavierUniform([numQueries, dim], deriveSeed(seed, 'queries')));
    this.#types = parameter(() => smallNormal([modalities.length, dim], deriveSeed(seed, 'types')));
    this.#output = new Linear({ inputDim: numQueries * dim, outputDim, seed: deriveSeed(seed, 'output') });
    this.parameters = collectParameters({
      queries: this.#queries,
      types: this.#types,
      layers: this.#layers,
      output: this.#output,
    });
  }

  /**
   * @param inputs tokens by modality name. An omitted modality is absent for the whole batch.
   * @param options.dropoutSeed seed of this step's dropout. Without it (evaluation), nothing is dropped.
   * @throws {@link ShapeError} if widths or batch sizes differ, RangeError for an unknown modality or no modality.
   */
  forward(
    inputs: Readonly<Record<string, ModalityTokens>>,
    options: { readonly dropoutSeed?: number } = {},
  ): FusionQFormerOutput {
    const batch = this.#checkInputs(inputs);
    return tidy(() => {
      const parts: Tensor[] = [tile(reshape(this.#queries as Tensor, [1, this.#numQueries, this.#dim]), [batch, 1, 1])];
      const masks: Tensor[] = [ones([batch, this.#numQueries])];
      for (const [i, name] of this.modalities.entries()) {
        if (!Object.hasOwn(inputs, name)) continue;
        const input = inputs[name]!;
        const type = slice(this.#types as Tensor, [i, 0], [1, this.#dim]); // [1, D]
        parts.push(add(input.tokens, type));
        masks.push(input.mask ?? ones(input.tokens.shape.slice(0, 2) as [number, number]));
      }
      let x = concat(parts, 1); // [B, Q + S, D]
      const bias = paddingBias(concat(masks, 1)); // [B, 1, 1, Q + S]
      this.#layers.forEach((layer, i) => {
        const last = i === this.#layers.length - 1;
        x = layer.forward(x, {
          bias,
          rows: last ? this.#numQueries : x.shape[1]!,
          ...(options.dropoutSeed === undefined ? {} : { dropoutSeed: deriveSeed(options.dropoutSeed, i) }),
        });
      });
      const vector = this.#output.forward(reshape(x, [batch, this.#numQueries * this.#dim])); // [B, outputDim]
      return { queries: x, vector };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** @returns the batch size. */
  #checkInputs(inputs: Readonly<Record<string, ModalityTokens>>): number {
    let batch: number | undefined;
    for (const [name, { tokens, mask }] of Object.entries(inputs)) {
      if (!this.modalities.includes(name)) {
        throw new RangeError(`FusionQFormer.forward: expected modalities ${this.modalities.join(', ')}, got ${name}`);
      }
      batch ??= tokens.shape[0]!;
      if (tokens.rank !== 3 || tokens.shape[2] !== this.#dim || tokens.shape[0] !== batch) {
        throw new ShapeError(`FusionQFormer.forward: ${name}`, `[${batch}, S, ${this.#dim}]`, tokens.shape);
      }
      if (mask !== undefined && mask.shape.join() !== tokens.shape.slice(0, 2).join()) {
        throw new ShapeError(
          `FusionQFormer.forward: mask of ${name}`,
          `[${tokens.shape.slice(0, 2).join(', ')}]`,
          mask.shape,
        );
      }
    }
    if (batch === undefined) throw new RangeError('FusionQFormer.forward: expected at least one modality, got none');
    return batch;
  }
}

interface FusionLayerOptions {
  readonly dim: number;
  readonly heads: number;
  readonly feedForward: boolean;
  readonly dropout: number;
  readonly seed: number;
}

/** A post-norm self-attention layer. It computes only the first `rows` tokens. */
class FusionLayer implements Module {
  readonly parameters: NamedParameters;
  readonly #attention: SelfAttention;
  readonly #norm: LayerNorm;
  readonly #feedForward: FeedForward | undefined;
  readonly #feedForwardNorm: LayerNorm | undefined;
  readonly #dropout: number;

  constructor({ dim, heads, feedForward, dropout, seed }: FusionLayerOptions) {
    this.#dropout = dropout;
    this.#attention = new SelfAttention({ dim, heads, seed: deriveSeed(seed, 'attention') });
    this.#norm = new LayerNorm({ dim });
    this.#feedForward = feedForward ? new FeedForward({ dim, seed: deriveSeed(seed, 'feedForward') }) : undefined;
    this.#feedForwardNorm = feedForward ? new LayerNorm({ dim }) : undefined;
    this.parameters = collectParameters({
      attention: this.#attention,
      norm: this.#norm,
      feedForward: this.#feedForward,
      feedForwardNorm: this.#feedForwardNorm,
    });
  }

  forward(
    x: Tensor,
    { bias, rows, dropoutSeed }: { readonly bias: Tensor; readonly rows: number; readonly dropoutSeed?: number },
  ): Tensor {
    const [batch, , dim] = x.shape as [number, number, number];
    let attended = this.#attention.forward(x, { bias, queries: rows }); // [B, rows, D]
    if (dropoutSeed !== undefined) attended = dropout(attended, this.#dropout, dropoutSeed);
    const residual = slice(x, [0, 0, 0], [batch, rows, dim]);
    const normed = this.#norm.forward(add(attended, residual)); // [B, rows, D]
    if (this.#feedForward === undefined || this.#feedForwardNorm === undefined) return normed;
    return this.#feedForwardNorm.forward(add(this.#feedForward.forward(normed), normed));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
