import type { Batch } from '@sifaka/data';
import type { HistoryVectors } from '@sifaka/memory-bank';
import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  UNKNOWN_ID,
} from '@sifaka/nn';
import {
  HistoryDecoder,
  Longer,
  MlpRanker,
  type RankingHead,
  type RankingOutput,
  RankMixer,
  similarityFeatures,
  similarityWidth,
} from '@sifaka/ranker';
import { concat, reshape, slice, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { ContentSequences } from './content-sequences.js';
import type { BatchRows } from './id-tables.js';
import type { RankerOptions } from './options.js';

/** What the ranker sees of content; absent in an id-only model. */
export interface ContentInputs {
  /** `[B, D]` */
  readonly queries: Tensor;
  /** `[B, D]`: the candidates' vectors. */
  readonly items: Tensor;
  /** `[B, L, D]` each, without gradient */
  readonly sequences: ContentSequences;
}

/** The cosines of a long sequence that the ranker sees: with the latest items, the largest, mean and deviation. The paper does not say. */
const LONG_SIMILARITY = { recent: 0, top: 32, statistics: true };

/**
 * LEMUR's ranking side (arXiv 2511.10962 §3): decoders over the histories of ids and of item vectors, similarity of the candidate with
 * its histories, and RankMixer over all of it.
 *
 * Shapes: `B` batch, `L` history, `I` id embedding width, `D` item vector width.
 */
export class RankingNetwork implements Module {
  readonly parameters: NamedParameters;
  readonly #options: RankerOptions;
  readonly #idDecoder: HistoryDecoder | undefined;
  readonly #idLonger: Longer | undefined;
  readonly #contentDecoder: HistoryDecoder | undefined;
  readonly #longDecoder: HistoryDecoder | undefined;
  readonly #head: RankingHead;

  constructor(options: RankerOptions) {
    const { content, dim, idDim, historyLength, sequences, idSequence, decoderDepth, decoderHeads, seed } = options;
    this.#options = options;
    const decoder = (name: string, featureDim: number, width: number) =>
      new HistoryDecoder({
        featureDim,
        dim: width,
        depth: decoderDepth,
        ...(decoderHeads > 0 && { projected: true, heads: decoderHeads }),
        seed: deriveSeed(seed, name),
      });
    const asking = 2 * idDim + 2 * dim;
    if (idSequence === 'longer') {
      this.#idLonger = new Longer({
        globals: { user: idDim, item: idDim },
        sequenceDim: idDim,
        maxLength: historyLength,
        seed: deriveSeed(seed, 'idLonger'),
      });
    } else {
      this.#idDecoder = decoder('idDecoder', 2 * idDim, idDim);
    }
    const groups: Record<string, number> = { user: idDim, item: idDim, idHistory: this.#idLonger?.outputDim ?? idDim };
    if (content !== undefined) {
      Object.assign(groups, { query: dim, content: dim });
      if (sequences.short) {
        this.#contentDecoder = decoder('contentDecoder', asking, dim);
        groups['contentHistory'] = dim;
        if (sequences.similarity) groups['similarity'] = similarityWidth(historyLength);
      }
      if (sequences.long > 0) {
        this.#longDecoder = decoder('longDecoder', asking, dim);
        groups['longHistory'] = dim;
        if (sequences.similarity) groups['longSimilarity'] = similarityWidth(sequences.long, LONG_SIMILARITY);
      }
    }
    this.#head = makeHead(groups, options);
    this.parameters = collectParameters({
      idDecoder: this.#idDecoder,
      idLonger: this.#idLonger,
      contentDecoder: this.#contentDecoder,
      longDecoder: this.#longDecoder,
      mixer: this.#head,
    });
  }

  /**
   * @param rows the id tables' rows of this batch
   * @param content left out in an id-only model
   * @param mode `'training'` differs in a mixture of experts only
   */
  forward(
    batch: Batch,
    rows: BatchRows,
    content: ContentInputs | undefined,
    mode: 'training' | 'serving' = 'serving',
  ): RankingOutput {
    const { size, historyLength } = batch;
    const { idDim, sequences } = this.#options;
    return tidy(() => {
      const user = rows.users.gather(); // [B, I]
      const looked = rows.items.gather(); // [B + B·L, I]
      const item = slice(looked, [0, 0], [size, idDim]);
      const liked = slice(looked, [size, 0], [size * historyLength, idDim]);
      const known = Float32Array.from(batch.history, (id) => (id === UNKNOWN_ID ? 0 : 1));
      const idHistory = reshape(liked, [size, historyLength, idDim]);
      const features: Record<string, Tensor> = {
        user,
        item,
        idHistory: this.#readIds(user, item, idHistory, tensor2d(known, [size, historyLength])),
      };
      if (content !== undefined) {
        const { queries, items } = content;
        const { short, long } = content.sequences;
        Object.assign(features, { query: queries, content: items });
        const asking = concat([user, item, queries, items], 1);
        const read = (decoder: HistoryDecoder, { vectors, mask }: HistoryVectors) =>
          decoder.forward(asking, vectors, mask); // [B, D]
        if (short !== undefined) {
          features['contentHistory'] = read(this.#contentDecoder!, short);
          if (sequences.similarity) features['similarity'] = similarityFeatures(items, short.vectors, short.mask); // [B, 2L]
        }
        if (long !== undefined) {
          features['longHistory'] = read(this.#longDecoder!, long);
          if (sequences.similarity) {
            features['longSimilarity'] = similarityFeatures(items, long.vectors, long.mask, LONG_SIMILARITY);
          }
        }
      }
      return mode === 'training'
        ? (this.#head.forwardTraining(features) as RankingOutput & Record<string, Tensor>)
        : { logits: this.#head.forward(features) };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #readIds(user: Tensor, item: Tensor, sequence: Tensor, mask: Tensor): Tensor {
    return (
      this.#idLonger?.forward({ globals: { user, item }, sequence, mask }) ??
      this.#idDecoder!.forward(concat([user, item], 1), sequence, mask)
    );
  }
}

function makeHead(groups: Record<string, number>, options: RankerOptions): RankingHead {
  const seed = deriveSeed(options.seed, 'mixer');
  if (options.head === 'mlp') return new MlpRanker({ groups, seed });
  return new RankMixer({
    groups,
    headDim: options.mixerHeadDim,
    depth: options.mixerDepth,
    ...(options.mixerExperts > 0 && { moe: { experts: options.mixerExperts } }),
    seed,
  });
}
