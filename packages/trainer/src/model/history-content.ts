import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  LowRankAdapter,
  LowRankUpdate,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { add, reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { ContentEncoder } from './content-encoder.js';
import { type ContentFusion, MODALITIES, type Modality } from './content-fusion.js';
import type { RankerOptions } from './options.js';

/** Makes the vectors that readers read from what the bank stores of history items. */
export interface HistoryContent extends Module {
  /**
   * @param rows `[n, W]` rows of the bank; see {@link bankWidth}. Constants.
   * @returns `[n, D]`, owned by the caller.
   */
  forward(rows: Tensor): Tensor;
}

export interface LowRankHistoryOptions {
  /** `D`: width of the item vectors. */
  readonly dim: number;
  /** `r` */
  readonly rank: number;
  /** `α`. Default `rank`. */
  readonly alpha?: number;
  readonly seed: number;
}

/**
 * LoRA over stored item vectors, our reading of EM3's content sequence (arXiv 2404.06078): `e'_j = W₀ e_j + (α/r) B A
 * e_j`. The stored vectors are in the space of the candidate's vector already, so `W₀` is the identity and has no
 * weights. `B` starts at zero, so a new model reads the stored vectors themselves. We do not know the paper's equation.
 */
export class LowRankHistory implements HistoryContent {
  readonly parameters: NamedParameters;
  readonly #update: LowRankUpdate;

  constructor({ dim, rank, alpha = rank, seed }: LowRankHistoryOptions) {
    this.#update = new LowRankUpdate({ inputDim: dim, outputDim: dim, rank, alpha, seed });
    this.parameters = collectParameters({ update: this.#update });
  }

  forward(rows: Tensor): Tensor {
    return tidy(() => add(rows, this.#update.forward(rows)));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

export interface SharedFusionHistoryOptions extends LowRankHistoryOptions {
  /** Borrowed. */
  readonly fusion: ContentFusion;
  /** Width of the tokens that the fusion reads, by modality. Default `dim` each. */
  readonly tokenDims?: Readonly<Record<Modality, number>>;
}

/**
 * The content encoder's fusion, shared by candidate and history: its weights are constants on the side of the history,
 * where low-rank updates of all its linear maps learn (LoRA). It is a second reading of EM3's content sequence: we do
 * not know the paper's equation.
 *
 * The bank stores one mean token per modality, so that a long history takes little memory. The candidate's fusion reads
 * all tokens.
 */
export class SharedFusionHistory implements HistoryContent {
  readonly parameters: NamedParameters;
  readonly #adapter: LowRankAdapter<ContentFusion>;
  readonly #dim: number;
  readonly #tokenDims: readonly number[];

  constructor({ fusion, tokenDims, dim, rank, alpha = rank, seed }: SharedFusionHistoryOptions) {
    this.#dim = dim;
    this.#tokenDims = MODALITIES.map((name) => tokenDims?.[name] ?? dim);
    this.#adapter = new LowRankAdapter(fusion.frozenView(), { rank, alpha, seed });
    this.parameters = collectParameters({ fusion: this.#adapter });
  }

  forward(rows: Tensor): Tensor {
    const count = rows.shape[0]!;
    let end = this.#dim;
    return tidy(() => {
      const [image, text] = this.#tokenDims.map((width) => {
        const start = end;
        end += width + 1;
        return {
          tokens: reshape(slice(rows, [0, start], [count, width]), [count, 1, width]),
          mask: slice(rows, [0, start + width], [count, 1]),
        };
      });
      return this.#adapter.module.forward({ image: image!, text: text! }).vector;
    });
  }

  dispose(): void {
    this.#adapter.dispose();
  }
}

/** Width of the rows of the bank: the item vector and, for the shared fusion, one token per modality and its presence. */
export function bankWidth({ content: options, dim }: RankerOptions, content: ContentEncoder | undefined): number {
  if (!storesTokens(options)) return dim;
  return MODALITIES.reduce((width, name) => width + (content?.tokenDims[name] ?? dim) + 1, dim);
}

/** Whether the bank stores the modalities' tokens beside the item vector. */
export function storesTokens(content: RankerOptions['content']): boolean {
  return content?.history?.kind === 'sharedFusion';
}

/** Makes the module that the options describe; undefined if readers read the stored or newly encoded vectors. */
export function buildHistoryContent(
  { content: options, dim, seed: modelSeed }: RankerOptions,
  content: ContentEncoder | undefined,
): HistoryContent | undefined {
  const history = options?.history;
  const seed = deriveSeed(modelSeed, 'history');
  switch (history?.kind) {
    case 'lowRank':
      return new LowRankHistory({ ...history, dim, seed });
    case 'sharedFusion': {
      const { fusion, tokenDims } = content!;
      return new SharedFusionHistory({ ...history, dim, seed, fusion, tokenDims });
    }
    default:
      return undefined;
  }
}
