import type { Batch } from '@sifaka/data';
import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  UNKNOWN_ID,
} from '@sifaka/nn';
import { HistoryDecoder, historySimilarity, RankMixer } from '@sifaka/ranker';
import { concat, reshape, slice, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { BatchRows } from './id-tables.js';
import type { RankerOptions } from './options.js';

/** What the ranker sees of content; absent in an id-only model. */
export interface ContentInputs {
  /** `[B, D]` */
  readonly queries: Tensor;
  /** `[B, D]`: the candidates' vectors. */
  readonly items: Tensor;
  /** `[B, L, D]`, no gradient */
  readonly history: Tensor;
  /** `[B, L]` */
  readonly historyMask: Tensor;
}

/**
 * LEMUR's ranking side (arXiv 2511.10962 §3): decoders over the histories of ids and of item vectors, similarity of the candidate with
 * its history, and RankMixer over all of it.
 *
 * Shapes: `B` batch, `L` history, `I` id embedding width, `D` item vector width.
 */
export class RankingNetwork implements Module {
  readonly parameters: NamedParameters;
  readonly #idDim: number;
  readonly #idDecoder: HistoryDecoder;
  readonly #contentDecoder: HistoryDecoder | undefined;
  readonly #mixer: RankMixer;

  constructor({ content, dim, idDim, historyLength, decoderDepth, mixerHeadDim, mixerDepth, seed }: RankerOptions) {
    this.#idDim = idDim;
    const decoder = (name: string, featureDim: number, width: number) =>
      new HistoryDecoder({ featureDim, dim: width, depth: decoderDepth, seed: deriveSeed(seed, name) });
    const contentGroups = { query: dim, content: dim, contentHistory: dim, similarity: 2 * historyLength };
    this.#idDecoder = decoder('idDecoder', 2 * idDim, idDim);
    this.#contentDecoder = content === undefined ? undefined : decoder('contentDecoder', 2 * idDim + 2 * dim, dim);
    this.#mixer = new RankMixer({
      groups: { user: idDim, item: idDim, idHistory: idDim, ...(content === undefined ? {} : contentGroups) },
      headDim: mixerHeadDim,
      depth: mixerDepth,
      seed: deriveSeed(seed, 'mixer'),
    });
    this.parameters = collectParameters({
      idDecoder: this.#idDecoder,
      contentDecoder: this.#contentDecoder,
      mixer: this.#mixer,
    });
  }

  /**
   * @param rows the id tables' rows of this batch
   * @param content left out in an id-only model
   * @returns logits `[B]`
   */
  forward(batch: Batch, rows: BatchRows, content: ContentInputs | undefined): Tensor {
    const { size, historyLength } = batch;
    return tidy(() => {
      const user = rows.users.gather(); // [B, I]
      const looked = rows.items.gather(); // [B + B·L, I]
      const item = slice(looked, [0, 0], [size, this.#idDim]);
      const idHistory = reshape(slice(looked, [size, 0], [size * historyLength, this.#idDim]), [
        size,
        historyLength,
        this.#idDim,
      ]);
      const known = Float32Array.from(batch.history, (id) => (id === UNKNOWN_ID ? 0 : 1));
      const features: Record<string, Tensor> = {
        user,
        item,
        idHistory: this.#idDecoder.forward(concat([user, item], 1), idHistory, tensor2d(known, [size, historyLength])),
      };
      if (content !== undefined) {
        const { queries, items, history, historyMask } = content;
        const similarity = historySimilarity(items, history, historyMask);
        const asking = concat([user, item, queries, items], 1);
        features['query'] = queries;
        features['content'] = items;
        features['contentHistory'] = this.#contentDecoder!.forward(asking, history, historyMask); // [B, D]
        features['similarity'] = concat([similarity.cosines, similarity.sorted], 1); // [B, 2L]
      }
      return this.#mixer.forward(features); // [B]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
