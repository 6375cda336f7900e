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

export interface FusionQFormerOptions {
  /** Names of the modalities, in the order in which they are laid out; each gets a type embedding. */
  readonly modalities: readonly string[];
  /** Width of the modality tokens and inside. */
  readonly dim: number;
  /** Learned queries. EM3's public runs use 1 or 2. Default 2. */
  readonly numQueries?: number;
  /** Default 1, as in EM3's public runs. */
  readonly depth?: number;
  /** Default 4. */
  readonly heads?: number;
  /** Width of the fused vector. Default `dim`. */
  readonly outputDim?: number;
  /** A feed-forward part in each layer. Off in EM3's code. Default false. */
  readonly feedForward?: boolean;
  /** Dropout after attention. EM3's public runs use 0.5 or 0.8 on frozen features. Default 0. */
  readonly dropout?: number;
  readonly seed: number;
}

/** The tokens of one modality of each item. */
export interface ModalityTokens {
  /** `[B, S, dim]` */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 where there is a token, 0 for padding. An item without this modality has a row of zeros. Default: all ones. */
  readonly mask?: Tensor;
}

export interface FusionQFormerOutput {
  /** `[B, Q, dim]`: what each query read. */
  readonly queries: Tensor;
  /** `[B, outputDim]`: one vector per item, whatever modalities it has. */
  readonly vector: Tensor;
}

/**
 * EM3's Fusion-Q-Former (arXiv 2406.04078 §2.2): learned queries and the tokens of all modalities attend to each other, and the
 * queries are read out, so that any number of modalities becomes a fixed number of vectors.
 *
 * `X₀ = [queries; tokens]`; per layer `X ← LayerNorm(Dropout(MultiHeadAttention(X)) + X)`; the first Q rows, laid end to end, pass one
 * linear map. Unlike BLIP-2's Q-Former there is no cross-attention and no feed-forward part.
 *
 * Ours: a type embedding per modality (tokens of image and text would be told apart by content alone), a mask for items that lack
 * a modality, and the last layer computes only the query rows, which are all that is read.
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

  constructor(options: FusionQFormerOptions) {
    const {
      modalities,
      dim,
      numQueries = 2,
      depth = 1,
      heads = 4,
      outputDim = dim,
      feedForward = false,
      seed,
    } = options;
    this.modalities = modalities;
    this.#dim = dim;
    this.#numQueries = numQueries;
    // First, because it may throw: nothing is left behind then.
    this.#layers = Array.from(
      { length: depth },
      (_, i) =>
        new FusionLayer({
          dim,
          heads,
          feedForward,
          dropout: options.dropout ?? 0,
          seed: deriveSeed(seed, 'layers', i),
        }),
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
   * @param inputs tokens by modality name. A modality left out is absent for the whole batch.
   * @param options.dropoutSeed draws this step's dropout; without it (evaluation) nothing is dropped.
   * @throws {@link ShapeError} if widths or batch sizes differ, Error for an unknown modality or none at all.
   */
  forward(
    inputs: Readonly<Record<string, ModalityTokens>>,
    options: { readonly dropoutSeed?: number } = {},
  ): FusionQFormerOutput {
    const batch = this.#batchSize(inputs);
    return tidy(() => {
      const parts: Tensor[] = [tile(reshape(this.#queries as Tensor, [1, this.#numQueries, this.#dim]), [batch, 1, 1])];
      const masks: Tensor[] = [ones([batch, this.#numQueries])];
      this.modalities.forEach((name, i) => {
        const input = inputs[name];
        if (input === undefined) return;
        const type = slice(this.#types as Tensor, [i, 0], [1, this.#dim]); // [1, D]
        parts.push(add(input.tokens, type));
        masks.push(input.mask ?? ones(input.tokens.shape.slice(0, 2) as [number, number]));
      });
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

  #batchSize(inputs: Readonly<Record<string, ModalityTokens>>): number {
    let batch: number | undefined;
    for (const [name, { tokens, mask }] of Object.entries(inputs)) {
      if (!this.modalities.includes(name)) {
        throw new Error(`FusionQFormer.forward: expected modalities ${this.modalities.join(', ')}, got ${name}`);
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
    if (batch === undefined) throw new Error('FusionQFormer.forward: expected at least one modality, got none');
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

/** Post-norm self-attention, computed for the first `rows` tokens only. */
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
    const kept = slice(x, [0, 0, 0], [batch, rows, dim]);
    const normed = this.#norm.forward(add(attended, kept));
    if (this.#feedForward === undefined || this.#feedForwardNorm === undefined) return normed;
    return this.#feedForwardNorm.forward(add(this.#feedForward.forward(normed), normed));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
