import type { Batch } from '@sifaka/data';
import { collectParameters, disposeParameters, type Linear, type Module, type NamedParameters } from '@sifaka/nn';
import {
  type HistoryReader,
  type HistoryReaderInputs,
  type RankingHead,
  type RankingOutput,
  similarityFeatures,
} from '@sifaka/ranker';
import { add, concat, reshape, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { BatchEmbeddings } from './batch-rows.js';
import { feedbackFeatures } from './feedback-features.js';
import type { StatisticsColumn } from './options.js';
import type { ReaderOptions } from './reader-options.js';
import { sameCategory, searchesCategories } from './same-category.js';
import type { SequenceVectors } from './sequence-vectors.js';
import { type Sequence, sequenceItems } from './sequences.js';
import { statisticsFeatures } from './statistics-features.js';

/** The content that the network reads. */
export interface ContentInputs {
  /** `[B, D]`. Absent in a model without a query tower. */
  readonly queries?: Tensor;
  /** `[B, D]`: the candidates' item vectors. */
  readonly items: Tensor;
  /** `[B, L, D]` each. */
  readonly sequences: SequenceVectors;
}

/** The readers of one sequence. */
export interface SequenceReaders {
  readonly sequence: Sequence;
  /** Reads the id embeddings for the groups `user` and `item`. */
  readonly ids?: HistoryReader | undefined;
  /** Reads the item vectors for the groups `user`, `item`, `query` and `content`, or for `context`: all four in one. */
  readonly vectors?: HistoryReader | undefined;
}

/** Statistics of user and item as features of the head and, if there is a wide part, of the logit itself. */
export interface StatisticsInput {
  readonly columns: readonly StatisticsColumn[];
  /** `[width] → [1]`: Wide & Deep's linear part (arXiv 1606.07792). */
  readonly wide?: Linear | undefined;
}

export interface RankingNetworkParts {
  readonly readers: readonly SequenceReaders[];
  readonly head: RankingHead;
  readonly statistics?: StatisticsInput | undefined;
  /** Has the categories of the items, if a reader searches for them. It may grow. */
  readonly catalogue?: Pick<Catalogue, 'categories'> | undefined;
}

/**
 * LEMUR's ranking side (arXiv 2511.10962 §3): readers of the sequences, cosines of the candidate with each, and a head
 * over all features.
 *
 * Shapes: `B` batch, `L` sequence length, `I` id embedding width, `D` item vector width.
 */
export class RankingNetwork implements Module {
  readonly parameters: NamedParameters;
  readonly #readers: readonly SequenceReaders[];
  readonly #head: RankingHead;
  readonly #statistics: StatisticsInput | undefined;
  readonly #catalogue: RankingNetworkParts['catalogue'];

  /** The network disposes its parts. */
  constructor({ readers, head, statistics, catalogue }: RankingNetworkParts) {
    this.#readers = readers;
    this.#catalogue = catalogue;
    this.#head = head;
    this.#statistics = statistics;
    const named = (part: 'ids' | 'vectors') =>
      Object.fromEntries(readers.map((each) => [each.sequence.groups[part], each[part]]));
    this.parameters = collectParameters({ ...named('ids'), ...named('vectors'), head, wide: statistics?.wide });
  }

  /**
   * @param embeddings the id embeddings of this batch
   * @param content absent in an id-only model
   * @param mode `'training'` differs only for readers and heads with a loss of their own, such as a mixture of experts
   * @returns logits `[B]`, owned by the caller, and in training the sum of the modules' own losses.
   */
  forward(
    batch: Batch,
    embeddings: BatchEmbeddings,
    content: ContentInputs | undefined,
    mode: 'training' | 'serving' = 'serving',
  ): RankingOutput {
    return tidy(() => {
      let auxiliaryLoss: Scalar | undefined;
      const addLoss = (loss: Scalar | undefined) => {
        if (loss !== undefined) auxiliaryLoss = auxiliaryLoss === undefined ? loss : add(auxiliaryLoss, loss);
      };
      const read = (reader: HistoryReader, inputs: HistoryReaderInputs): Tensor => {
        if (mode === 'serving' || reader.forwardTraining === undefined) return reader.forward(inputs);
        const output = reader.forwardTraining(inputs);
        addLoss(output.auxiliaryLoss);
        return output.vectors;
      };
      const { user, item } = embeddings;
      const features: Record<string, Tensor> = { user, item };
      for (const { sequence, ids } of this.#readers) {
        if (ids === undefined) continue;
        const { vectors: history, mask } = embeddings.sequences.get(sequence.name)!;
        features[sequence.groups.ids] = read(ids, {
          features: { user, item },
          target: item,
          history,
          mask,
          ...this.#categories(batch, sequence, sequence.ids),
        });
      }
      if (this.#readers.length > 0) {
        features['feedback'] = feedbackFeatures(
          this.#readers.map(({ sequence }) => batch.histories[sequence.history]!),
        );
      }
      if (this.#statistics !== undefined) {
        features['statistics'] = statisticsFeatures(batch.statistics!, this.#statistics.columns); // [B, width]
      }
      if (content !== undefined) {
        const { queries, items } = content;
        const vectors = { ...(queries && { query: queries }), content: items };
        Object.assign(features, vectors);
        const groups = { user, item, ...vectors };
        const candidate = { ...groups, context: concat(Object.values(groups), 1) };
        for (const { sequence, vectors: reader } of this.#readers) {
          if (reader === undefined) continue;
          const { vectors: history, mask } = content.sequences.get(sequence.name)!;
          const groups = sequence.groups;
          features[groups.vectors] = read(reader, {
            features: candidate,
            target: items,
            history,
            mask,
            ...this.#categories(batch, sequence, sequence.vectors),
          }); // [B, D]
          if (sequence.similarity !== undefined) {
            features[groups.similarity] = similarityFeatures(items, history, mask, sequence.similarity);
          }
        }
      }
      const wide = this.#statistics?.wide;
      const withWide = (logits: Tensor) =>
        wide === undefined ? logits : add(logits, reshape(wide.forward(features['statistics']!), [-1])); // [B]
      if (mode === 'serving') return { logits: withWide(this.#head.forward(features)) };
      const output = this.#head.forwardTraining(features);
      addLoss(output.auxiliaryLoss);
      return { ...output, logits: withWide(output.logits), ...(auxiliaryLoss && { auxiliaryLoss }) } as RankingOutput &
        Record<string, Tensor>;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** What a reader that searches for the candidate's category needs beside the vectors. */
  #categories(batch: Batch, sequence: Sequence, reader: ReaderOptions | undefined): { sameCategory?: Tensor } {
    const categories = this.#catalogue?.categories;
    if (categories === undefined || !searchesCategories(reader)) return {};
    return { sameCategory: sameCategory(categories, batch.items, sequenceItems(batch, sequence)) };
  }
}
