import type { Batch, HistoryAsOf } from '@sifaka/data';
import {
  type BankSnapshotInput,
  type FreshVectors,
  MemoryBank,
  type ReadableBank,
  uncovered,
} from '@sifaka/memory-bank';
import {
  collectParameters,
  disposeParameters,
  exportParameters,
  type NamedParameters,
  type SafetensorsEntry,
} from '@sifaka/nn';
import type { RankingOutput } from '@sifaka/ranker';
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type Catalogue, readContents } from '../catalogue/catalogue.js';
import { type BatchRows, borrowRows, disposeRows, type IdTables, idsOf, lookUp } from './batch-rows.js';
import {
  type CandidateVectors,
  type ContentVectors,
  contentInputs,
  distinct,
  readCandidateVectors,
} from './candidate-vectors.js';
import { assertArrays } from './check-batch.js';
import type { ContentIdContrast } from './content-id-contrast.js';
import { encodeInChunks } from './encode-in-chunks.js';
import { bankWidth, storesTokens } from './history-content.js';
import type { RankerOptions } from './options.js';
import type { EncoderSources } from './published-encoders.js';
import { assertBatchQueries, assertCatalogueQueries } from './query-texts.js';
import type { RankerParts, TrainedIds } from './ranker-parts.js';
import { readSequences, type SequenceVectors } from './sequence-vectors.js';
import { assertHistories, historiesOf, type Sequence, sequencesOf } from './sequences.js';
import { assertBankWidth, TrainingBank } from './training-bank.js';

/**
 * LEMUR (arXiv 2511.10962) and EM3 (arXiv 2404.06078) as one model: content encoders, memory bank, readers and
 * similarity over sequences, and a head. Every preset of this package is this class with other parts.
 * {@link TrainingStep} trains it.
 *
 * Shapes: `B` batch, `U` distinct candidates, `L` sequence length, `D` item vector width.
 */
export class MultimodalRanker {
  readonly options: RankerOptions;
  readonly catalogue: Catalogue;
  readonly tables: IdTables;
  /** Content and query encoders. Empty in an id-only model. */
  readonly encoderParameters: NamedParameters;
  readonly rankerParameters: NamedParameters;
  /** All weights outside the tables that learn. */
  readonly parameters: NamedParameters;
  /** Weights of the encoders that do not learn, as `content.image` and `content.text` of the options say. */
  readonly frozenParameters: NamedParameters;
  /** By path of `encoderParameters`: what multiplies their learning rate, where it is not 1. */
  readonly layerScales: ReadonlyMap<string, number>;
  /** Which of the encoders are published ones. */
  readonly encoderSources: EncoderSources;
  readonly sequences: readonly Sequence[];
  /** Whose rows the id tables hold. `train` and `loadCheckpoint` set it; an OnlineTrainer compares its ids with it. */
  trainedIds: TrainedIds = {};
  /** Where the histories of the samples ended that it was trained with, as far as it is known. Set and compared alike. */
  trainedAsOf: HistoryAsOf | undefined;
  readonly #parts: RankerParts;
  readonly #bank: TrainingBank;
  /** `W`: width of its rows. */
  readonly #bankWidth: number;

  /** @throws RangeError if the model reads the samples' queries and the catalogue has no query texts. */
  constructor(options: RankerOptions, catalogue: Catalogue, parts: RankerParts) {
    assertCatalogueQueries('MultimodalRanker', catalogue, options.content);
    const { content, query, history, network, contentId } = parts;
    this.options = options;
    this.catalogue = catalogue;
    this.tables = parts.tables;
    this.sequences = sequencesOf(options);
    this.encoderParameters = collectParameters({ content, query });
    this.rankerParameters = new Map([...network.parameters, ...collectParameters({ history, contentId })]);
    this.parameters = new Map([...this.encoderParameters, ...this.rankerParameters]);
    this.frozenParameters = underContent(content?.frozenParameters);
    this.layerScales = underContent(content?.layerScales);
    this.encoderSources = content?.sources ?? {};
    this.#parts = parts;
    this.#bankWidth = bankWidth(options, content);
    this.#bank = new TrainingBank(this.#bankWidth);
  }

  /** The training bank. Training steps, {@link warmUp}, {@link freezeEncoders} and an OnlineTrainer write to it. */
  get bank(): MemoryBank {
    return this.#bank.current;
  }

  /**
   * Uses another bank from now on, such as one that a store or other processes share.
   *
   * @throws RangeError unless it is as wide as {@link bank}.
   */
  replaceBank(bank: MemoryBank): void {
    this.#bank.replace(bank);
  }

  /**
   * Prepares to restore a checkpoint's bank. A bank from {@link replaceBank} stays the model's bank, so that a store
   * behind it follows. The model's own bank is replaced by one with the snapshot's capacity and storage.
   *
   * @returns a function that restores it.
   * @throws RangeError or TypeError if the snapshot is damaged, has another width or does not fit the given bank.
   */
  bankRestorer(snapshot: BankSnapshotInput): () => void {
    return this.#bank.restorer(snapshot);
  }

  /**
   * Ranks a batch, in training and in scoring: looks up the id embeddings, reads the sequences, applies the head.
   *
   * @param rows the tables' rows of the batch
   * @param vectors undefined in an id-only model
   * @returns logits `[B]` and, in training, the modules' own losses. The caller owns the tensors.
   */
  forward(
    batch: Batch,
    rows: BatchRows,
    vectors: ContentVectors | undefined,
    mode: 'training' | 'serving' = 'serving',
  ): RankingOutput {
    return tidy(() => {
      const embeddings = lookUp(rows);
      const content = vectors && contentInputs(vectors, this.options);
      return this.#parts.network.forward(batch, embeddings, content, mode) as TensorRecord;
    });
  }

  /**
   * Encodes a batch's queries and completes its candidates: fresh vectors where there are any, stored ones otherwise.
   *
   * @param candidates distinct ids of the batch's items, `[U]`
   * @returns undefined in an id-only model. The caller owns the tensors.
   */
  readCandidates(
    batch: Batch,
    candidates: Int32Array,
    bank: ReadableBank,
    fresh?: FreshVectors,
  ): CandidateVectors | undefined {
    return readCandidateVectors(this, { query: this.#parts.query, batch, candidates, bank, fresh });
  }

  /**
   * Reads the item vectors of a batch's sequences, as `content.history` of the options says.
   *
   * @param options.fresh rows that were encoded in this step; they replace stored ones
   * @param options.encoding whether the step trains the encoders. Default false: scoring.
   * @returns tensors that the caller disposes.
   */
  readSequences(
    batch: Batch,
    bank: ReadableBank,
    { fresh, encoding = false }: { readonly fresh?: FreshVectors | undefined; readonly encoding?: boolean } = {},
  ): SequenceVectors {
    const { history, content } = this.#parts;
    const encodes = encoding && this.options.content?.history?.kind === 'full';
    const encode = encodes ? (items: Int32Array) => content!.forward(readContents(this.catalogue, items)) : undefined;
    const { sequences, options } = this;
    return readSequences({ bank, batch, sequences, fresh, content: history, encode, dim: options.dim });
  }

  /**
   * Scores a batch without learning.
   *
   * @param bank source of the item vectors: the training bank's reader, or a bank from {@link encodeBank}. Nothing is
   * written.
   * @returns logits `[B]`
   * @throws RangeError for an id outside the tables, an unknown query id, a history that is missing or does not fit, or
   * a bank that is not as wide as the training bank. A model of ids alone does not read it.
   */
  predict(batch: Batch, bank: ReadableBank): Float32Array {
    this.assertBatch('MultimodalRanker.predict', batch, { unknownItems: true });
    if (this.#parts.content !== undefined) {
      assertBankWidth('MultimodalRanker.predict', bank, this.#bankWidth);
    }
    const rows = borrowRows(this.tables, idsOf(batch, this.sequences), { training: false });
    try {
      const logits = tidy(() => {
        const vectors = this.readCandidates(batch, distinct(batch.items), bank);
        const sequences = this.readSequences(batch, bank);
        return this.forward(batch, rows, vectors && { ...vectors, sequences }).logits;
      });
      const values = Float32Array.from(logits.dataSync());
      logits.dispose();
      return values;
    } finally {
      disposeRows(rows); // Even if the engine fails.
    }
  }

  /**
   * Encodes items into rows of the bank.
   *
   * @param catalogue that holds the items. Default: the model's.
   * @returns `[N, W]` on the device, owned by the caller: the item vectors, `dim` wide, and beside them the tokens that
   * `content.history` of the options has the bank store.
   * @throws Error if the model is id-only.
   */
  encodeTensor(items: Int32Array, catalogue: Catalogue = this.catalogue): Tensor {
    const { content } = this.#parts;
    if (content === undefined) {
      throw new Error('MultimodalRanker.encode: expected a model with content, got an id-only one');
    }
    const contents = readContents(catalogue, items);
    return storesTokens(this.options.content) ? content.forwardWithTokens(contents) : content.forward(contents);
  }

  /**
   * Encodes items into rows of the bank, in chunks; see {@link encodeTensor}.
   *
   * @param options.chunk number of items that are encoded at once. Default 256.
   * @param options.catalogue that holds the items. Default: the model's.
   * @returns `[N, W]` on the host
   * @throws Error if the model is id-only, RangeError unless `chunk` is a whole number from 1, {@link DivergenceError}
   *   if the vectors are not finite.
   */
  encode(
    items: Int32Array,
    { chunk = 256, catalogue = this.catalogue }: { readonly chunk?: number; readonly catalogue?: Catalogue } = {},
  ): Float32Array {
    const sizes = { width: this.#bankWidth, chunk };
    return encodeInChunks('MultimodalRanker.encode', items, sizes, (each) => this.encodeTensor(each, catalogue));
  }

  /** Encodes items into a new bank, for evaluation and serving. The training bank stays as it is. */
  encodeBank(items: Int32Array): MemoryBank {
    const bank = new MemoryBank({ dim: this.#bankWidth, initialCapacity: Math.max(1, items.length) });
    if (this.#parts.content !== undefined) bank.write(items, this.encode(items), 0);
    return bank;
  }

  /** Encodes items into the training bank at the end of the first stage of two-stage training. */
  freezeEncoders(items: Int32Array, step: number): void {
    if (this.#parts.content !== undefined) this.bank.write(items, this.encode(items), step);
  }

  /** Encodes all items of the training bank again, with the present weights. Adds no item. */
  refreshBank(step: number): void {
    if (this.#parts.content === undefined || this.bank.size === 0) return;
    const { ids } = this.bank.snapshot();
    this.bank.write(ids, this.encode(ids), step);
  }

  /** Encodes the items that the training bank lacks into it, the most frequent first. */
  warmUp(items: Int32Array, step: number): void {
    if (this.#parts.content === undefined) return;
    const missing = uncovered({ bank: this.bank, ids: items });
    this.bank.write(missing, this.encode(missing), step);
  }

  /** EM3's content-ID contrast, if the options give it a weight. */
  get contentId(): ContentIdContrast | undefined {
    return this.#parts.contentId;
  }

  /**
   * Checks a batch. Callers do so before the forward pass, because TensorFlow.js leaks the tensors of one that throws.
   *
   * @param unknownItems whether candidates may have no id, −1: in requests they may. Default false.
   * @throws RangeError for a history that is missing or does not fit the model, an array of another length, an id
   * outside the tables, an invalid label, or an unknown query id.
   */
  assertBatch(where: string, batch: Batch, { unknownItems = false }: { readonly unknownItems?: boolean } = {}): void {
    assertHistories(where, batch, this.options);
    const { users, items } = this.tables;
    const known = this.#parts.content === undefined ? items.size : Math.min(items.size, this.catalogue.size);
    const histories = Object.keys(historiesOf(this.options));
    const statistics = this.options.statistics?.columns.length ?? 0;
    assertArrays(where, batch, { sizes: { users: users.size, items: known }, histories, unknownItems, statistics });
    assertBatchQueries(where, batch, this.catalogue, this.options.content);
  }

  /** Dense weights by path as a model without frozen ones has them: low-rank updates are merged. On the host. */
  exportMerged(): Map<string, SafetensorsEntry> {
    const { content } = this.#parts;
    const others = [...this.parameters].filter(([path]) => !path.startsWith('content.'));
    return new Map([...underContent(content?.exportMerged()), ...exportParameters(new Map(others))]);
  }

  dispose(): void {
    disposeParameters(this.parameters);
    disposeParameters(this.frozenParameters);
  }
}

function underContent<Value>(byPath: ReadonlyMap<string, Value> = new Map()): Map<string, Value> {
  return new Map([...byPath].map(([path, value]) => [`content.${path}`, value]));
}

/** `tidy` accepts records of tensors, but not interfaces without an index signature. */
type TensorRecord = RankingOutput & Record<string, Tensor>;
