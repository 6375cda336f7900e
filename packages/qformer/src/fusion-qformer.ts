import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
  paddingBias,
  parameter,
  stopGradient,
  xavierUniform,
} from '@sifaka/nn';
import { concat, ones, reshape, type Tensor, tidy, tile, type Variable } from '@tensorflow/tfjs-core';
import { type ResolvedOptions, resolveOptions } from './check-options.js';
import { FusionLayer, type Tokens } from './fusion-layer.js';
import { ModalityEmbedding } from './modality-embedding.js';
import type { ModalityInputs } from './modality-inputs.js';
import type { FusionQFormerOptions } from './options.js';

export interface FusionQFormerOutput {
  /** `[B, Q, dim]`: output of each learned query. */
  readonly queries: Tensor;
  /** `[B, outputDim]`: one vector per item. */
  readonly vector: Tensor;
}

/**
 * EM3's Fusion-Q-Former (arXiv 2404.06078, in the form of its public code), and BLIP-2's Q-Former (arXiv 2301.12597) by
 * options. Learned queries read the tokens of all modalities. Only the queries are read, so any number of modalities
 * becomes a fixed number of vectors, which are concatenated and pass through one linear map.
 *
 * `attention: { kind: 'joint' }`: `X₀ = [queries; tokens]`, and each layer computes
 * `X ← LayerNorm(Dropout(MultiHeadAttention(X)) + X)`. EM3 has no cross-attention and no feed-forward part.
 * {@link publicForm} makes the options of EM3's code.
 *
 * `attention: { kind: 'cross' }`: `X₀ = queries`, which attend to each other in each layer, and in every n-th layer to
 * the tokens. {@link blip2Form} makes the options of BLIP-2's.
 *
 * Not in EM3: a type embedding per modality, without which only content tells image and text tokens apart; masks for
 * items that lack a modality; and a last layer that computes only the query rows, because nothing else is read. The
 * output of an item that lacks every modality depends on the weights alone.
 *
 * Shapes: `B` batch, `Q` learned queries, `S` tokens.
 */
export class FusionQFormer<Name extends string = string> implements Module {
  readonly modalities: readonly Name[];
  readonly parameters: NamedParameters;
  readonly #given: FusionQFormerOptions<Name>;
  readonly #options: ResolvedOptions<Name>;
  readonly #isFrozen: boolean;
  readonly #queries: Variable;
  readonly #queryNorm: LayerNorm | undefined;
  readonly #embedding: ModalityEmbedding<Name>;
  readonly #layers: readonly FusionLayer[];
  readonly #finalNorm: LayerNorm | undefined;
  readonly #output: Linear;

  /**
   * @param base makes a {@link frozenView} of it instead of new weights.
   * @throws RangeError naming the option that is out of range, before a weight is created.
   */
  constructor(options: FusionQFormerOptions<Name>, base?: FusionQFormer<Name>) {
    const resolved = resolveOptions(options);
    const { modalities, dim, tokenDim, numQueries, depth, outputDim, every, norm, seed } = resolved;
    this.modalities = modalities;
    this.#given = options;
    this.#options = resolved;
    this.#isFrozen = base !== undefined;
    const shared = base && {
      layers: base.#layers,
      queries: base.#queries,
      queryNorm: base.#queryNorm,
      embedding: base.#embedding,
      finalNorm: base.#finalNorm,
      output: base.#output,
    };
    this.#layers = Array.from({ length: depth }, (_, i) => {
      const isCross = every !== undefined && i % every === 0;
      const layerSeed = deriveSeed(seed, 'layers', i);
      const view = shared?.layers[i]?.frozenView();
      return view ?? new FusionLayer({ ...resolved, tokenDim: isCross ? tokenDim : undefined, seed: layerSeed });
    });
    this.#queries = shared?.queries ?? parameter(() => xavierUniform([numQueries, dim], deriveSeed(seed, 'queries')));
    const makeNorm = () => new LayerNorm({ dim, epsilon: norm.epsilon });
    this.#queryNorm = norm.queries ? (shared?.queryNorm?.frozenView() ?? makeNorm()) : undefined;
    this.#embedding = shared?.embedding.frozenView() ?? new ModalityEmbedding(resolved);
    this.#finalNorm = norm.kind === 'pre' ? (shared?.finalNorm?.frozenView() ?? makeNorm()) : undefined;
    this.#output =
      shared?.output.frozenView() ??
      new Linear({ inputDim: numQueries * dim, outputDim, seed: deriveSeed(seed, 'output') });
    this.parameters = collectParameters({
      queries: this.#isFrozen ? undefined : this.#queries,
      queryNorm: this.#queryNorm,
      ...this.#embedding.parts,
      layers: this.#layers,
      finalNorm: this.#finalNorm,
      output: this.#output,
    });
  }

  /**
   * @param inputs tokens by modality name. An omitted modality is absent for the whole batch.
   * @param options.dropoutSeed seed of this step's dropout. Without it (evaluation), nothing is dropped.
   * @throws `ShapeError` if widths or batch sizes differ, RangeError for an unknown modality, no modality, or more
   *   tokens than position embeddings.
   */
  forward(inputs: ModalityInputs<Name>, options: { readonly dropoutSeed?: number } = {}): FusionQFormerOutput {
    const { dim, numQueries, every } = this.#options;
    return tidy(() => {
      const source = this.#embedding.forward(inputs);
      const batch = source.tokens.shape[0]!;
      let x = tile(reshape(this.#startQueries(), [1, numQueries, dim]), [batch, 1, 1]); // [B, Q, D]
      let bias: Tensor | undefined;
      if (every === undefined) [x, bias] = this.#join(x, source);
      for (const [i, layer] of this.#layers.entries()) {
        x = layer.forward(x, {
          source,
          ...(bias && { bias }),
          rows: i === this.#layers.length - 1 ? numQueries : x.shape[1]!,
          dropoutSeed: options.dropoutSeed === undefined ? undefined : deriveSeed(options.dropoutSeed, i),
        });
      }
      const queries = this.#finalNorm?.forward(x) ?? x; // [B, Q, D]
      const vector = this.#output.forward(reshape(queries, [batch, numQueries * dim])); // [B, outputDim]
      return { queries, vector };
    });
  }

  /**
   * A second module with the same weights, in which they are constants; see `Linear.frozenView` of @sifaka/nn. A
   * `LowRankAdapter` of it trains low-rank updates beside the shared weights.
   */
  frozenView(): FusionQFormer<Name> {
    return new FusionQFormer(this.#given, this);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** @returns `[Q, D]` */
  #startQueries(): Tensor {
    const queries = this.#isFrozen ? stopGradient(this.#queries) : this.#queries;
    return this.#queryNorm?.forward(queries) ?? queries;
  }

  /** @returns the sequence `[B, Q + S, D]` and its bias `[B, 1, 1, Q + S]` */
  #join(queries: Tensor, { tokens, mask }: Tokens): [sequence: Tensor, bias: Tensor | undefined] {
    if (tokens.shape[1] === 0) return [queries, undefined];
    const present = ones(queries.shape.slice(0, 2) as [number, number]);
    return [concat([queries, tokens], 1), paddingBias(concat([present, mask], 1))];
  }
}
