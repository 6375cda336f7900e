import type { Batch } from '@sifaka/data';
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
  type SimilarityFeaturesOptions,
  similarityFeatures,
  similarityWidth,
} from '@sifaka/ranker';
import { concat, reshape, slice, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { type ContentSequences, dislikedItems, readsDisliked } from './content-sequences.js';
import { FEEDBACK_WIDTH, feedbackFeatures } from './feedback-features.js';
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

/** The cosines of a long sequence that the ranker sees: the largest, their mean and deviation. The paper does not say. */
const LONG_SIMILARITY = { recent: 0, top: 32, statistics: true };

/** One sequence of item vectors, and the groups of features that come of it. */
interface ReadSequence {
  readonly sequence: keyof ContentSequences;
  /** Of the decoder's parameters. */
  readonly name: string;
  readonly group: string;
  readonly similarityGroup: string;
  readonly length: number;
  readonly similarity: SimilarityFeaturesOptions;
}

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
  readonly #dislikedIdDecoder: HistoryDecoder | undefined;
  readonly #readers: readonly (ReadSequence & { readonly decoder: HistoryDecoder })[];
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
    if (sequences.met > 0) {
      this.#dislikedIdDecoder = decoder('dislikedIdDecoder', 2 * idDim, idDim);
      Object.assign(groups, { dislikedIds: idDim, feedback: FEEDBACK_WIDTH });
    }
    if (content !== undefined) Object.assign(groups, { query: dim, content: dim });
    this.#readers =
      content === undefined
        ? []
        : sequencesOf(options).map((read) => {
            groups[read.group] = dim;
            if (sequences.similarity) groups[read.similarityGroup] = similarityWidth(read.length, read.similarity);
            return { ...read, decoder: decoder(read.name, 2 * idDim + 2 * dim, dim) };
          });
    this.#head = makeHead(groups, options);
    this.parameters = collectParameters({
      idDecoder: this.#idDecoder,
      idLonger: this.#idLonger,
      dislikedIdDecoder: this.#dislikedIdDecoder,
      ...Object.fromEntries(this.#readers.map(({ name, decoder }) => [name, decoder])),
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
      const looked = rows.items.gather(); // [B + B·L + B·M, I]
      const item = slice(looked, [0, 0], [size, idDim]);
      const sequence = (first: number, ids: Int32Array, length: number) => ({
        vectors: reshape(slice(looked, [first, 0], [size * length, idDim]), [size, length, idDim]),
        mask: tensor2d(
          Float32Array.from(ids, (id) => (id === UNKNOWN_ID ? 0 : 1)),
          [size, length],
        ),
      });
      const liked = sequence(size, batch.history, historyLength);
      const features: Record<string, Tensor> = {
        user,
        item,
        idHistory: this.#readIds(user, item, liked.vectors, liked.mask),
      };
      if (sequences.met > 0) {
        const met = batch.histories['met']!;
        const { vectors, mask } = sequence(size * (1 + historyLength), dislikedItems(met), sequences.met);
        features['dislikedIds'] = this.#dislikedIdDecoder!.forward(concat([user, item], 1), vectors, mask);
        features['feedback'] = feedbackFeatures(met);
      }
      if (content !== undefined) {
        const { queries, items } = content;
        Object.assign(features, { query: queries, content: items });
        const asking = concat([user, item, queries, items], 1);
        for (const { sequence, decoder, group, similarityGroup, similarity } of this.#readers) {
          const { vectors, mask } = content.sequences[sequence]!;
          features[group] = decoder.forward(asking, vectors, mask); // [B, D]
          if (sequences.similarity) features[similarityGroup] = similarityFeatures(items, vectors, mask, similarity);
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

/** The sequences of item vectors that the options ask for. */
function sequencesOf({ sequences, historyLength }: RankerOptions): readonly ReadSequence[] {
  const { short, long, met } = sequences;
  const all: readonly ReadSequence[] = [
    {
      sequence: 'short',
      name: 'contentDecoder',
      group: 'contentHistory',
      similarityGroup: 'similarity',
      length: short ? historyLength : 0,
      similarity: {},
    },
    {
      sequence: 'long',
      name: 'longDecoder',
      group: 'longHistory',
      similarityGroup: 'longSimilarity',
      length: long,
      similarity: LONG_SIMILARITY,
    },
    {
      sequence: 'disliked',
      name: 'dislikedDecoder',
      group: 'dislikedHistory',
      similarityGroup: 'dislikedSimilarity',
      length: readsDisliked(sequences) ? met : 0,
      similarity: {},
    },
  ];
  return all.filter(({ length }) => length > 0);
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
