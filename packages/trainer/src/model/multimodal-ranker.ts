import type { Batch } from '@sifaka/data';
import { binaryCrossEntropy, sqdc } from '@sifaka/losses';
import {
  completeCandidates,
  type FreshVectors,
  MemoryBank,
  type ReadableBank,
  stalest,
  uncovered,
} from '@sifaka/memory-bank';
import {
  AdamW,
  collectParameters,
  deriveSeed,
  disposeParameters,
  EmbeddingTable,
  globalNorm,
  type NamedParameters,
  seededRandom,
  stopGradient,
} from '@sifaka/nn';
import { add, concat, gather, keep, mul, type Scalar, sum, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { type Catalogue, readContents } from '../catalogue/catalogue.js';
import { type DrawnCandidates, drawCandidates } from './candidate-sampling.js';
import { ContentEncoder } from './content-encoder.js';
import { ContentIdContrast } from './content-id-contrast.js';
import { assertHistories, readSequences, type SequenceCounts, sequenceCounts } from './content-sequences.js';
import { differentiate, type StepGradients, takeNumber } from './differentiate.js';
import { type BatchRows, borrowRows, candidateRows, disposeRows, hideIds, idsOf, updateRows } from './id-tables.js';
import type { RankerOptions } from './options.js';
import { QueryEncoder } from './query-encoder.js';
import {
  assertBatchQueries,
  assertCatalogueQueries,
  type QueryOptions,
  type QueryTexts,
  queryTextLength,
  readQueries,
} from './query-texts.js';
import { type ContentInputs, RankingNetwork } from './ranking-network.js';
import type { StepOptions, StepResult } from './step-result.js';
import { Stopwatch } from './stopwatch.js';

/**
 * LEMUR (arXiv 2511.10962) as one model: content encoders, memory bank, decoder and similarity over histories, RankMixer. Every
 * preset of this package is this class with other options.
 *
 * Shapes: `B` batch, `U` distinct candidates, `E` encoded ones, `L` history, `D` item vector width.
 */
export class MultimodalRanker {
  readonly options: RankerOptions;
  readonly catalogue: Catalogue;
  readonly users: EmbeddingTable;
  readonly items: EmbeddingTable;
  readonly parameters: NamedParameters;
  readonly encoderOptimizer: AdamW;
  readonly rankerOptimizer: AdamW;
  readonly #encoderParameters: NamedParameters;
  readonly #rankerParameters: NamedParameters;
  readonly #content: ContentEncoder | undefined;
  readonly #query: QueryEncoder | undefined;
  readonly #network: RankingNetwork;
  readonly #contentId: ContentIdContrast | undefined;
  #bank: MemoryBank;

  constructor(
    options: RankerOptions,
    { catalogue, numUsers }: { readonly catalogue: Catalogue; readonly numUsers: number },
  ) {
    const { content, dim, idDim, seed } = options;
    assertCatalogueQueries('MultimodalRanker', catalogue, content);
    this.options = options;
    this.catalogue = catalogue;
    this.#bank = new MemoryBank({ dim });
    this.users = new EmbeddingTable({ size: numUsers, dim: idDim, seed: deriveSeed(seed, 'users') });
    this.items = new EmbeddingTable({ size: catalogue.size, dim: idDim, seed: deriveSeed(seed, 'items') });
    if (content !== undefined) {
      this.#content = new ContentEncoder({ ...content, dim, seed: deriveSeed(seed, 'content') }, catalogue);
      this.#query = new QueryEncoder({
        vocabularySize: catalogue.vocabularySize,
        maxLength: queryTextLength(catalogue, content),
        dim,
        depth: content.queryDepth,
        heads: content.heads,
        seed: deriveSeed(seed, 'query'),
      });
    }
    this.#network = new RankingNetwork(options);
    if (content !== undefined && options.cic.weight > 0) {
      const { temperature } = options.cic;
      this.#contentId = new ContentIdContrast({ dim, idDim, temperature, seed: deriveSeed(seed, 'contentId') });
    }
    this.#encoderParameters = collectParameters({ content: this.#content, query: this.#query });
    this.#rankerParameters = new Map([
      ...this.#network.parameters,
      ...collectParameters({ contentId: this.#contentId }),
    ]);
    this.parameters = new Map([...this.#encoderParameters, ...this.#rankerParameters]);
    const { weightDecay } = options.optimizer;
    this.encoderOptimizer = new AdamW(this.#encoderParameters, { weightDecay });
    this.rankerOptimizer = new AdamW(this.#rankerParameters, { weightDecay });
  }

  /** Vectors of encoded candidates. Only {@link step}, {@link warmUp} and {@link freezeEncoders} write to it, and an OnlineTrainer: items that arrive. */
  get bank(): MemoryBank {
    return this.#bank;
  }

  /** Continues with a checkpoint's bank. */
  replaceBank(bank: MemoryBank): void {
    this.#bank = bank;
  }

  /**
   * One step of LEMUR (§3): encode a sample of the candidates, rank every row, learn from both losses, write the bank.
   *
   * @throws RangeError for an id outside the tables, histories of another length than the model's, or a contrast phase without content.
   */
  step(batch: Batch, { step, rate = 1, phase = 'joint' }: StepOptions): StepResult {
    this.#check('step', batch);
    if (phase === 'contrast' && this.#content === undefined) {
      throw new RangeError(
        'MultimodalRanker.step: expected a model with content in the contrast phase, got an id-only one',
      );
    }
    const watch = new Stopwatch();
    const { content, trainEncoders } = this.options;
    const encoding = content !== undefined && (phase === 'contrast' || trainEncoders);
    const random = seededRandom(deriveSeed(this.options.seed, 'step', step));

    const candidates = Int32Array.from(new Set(batch.items)); // U ids for B rows
    const drawn = encoding ? this.#draw(candidates, step, random) : NOTHING_DRAWN;
    const rows = borrowRows(this, hideIds(idsOf(batch, this.options), this.options, random), { training: true });
    const learningContents = encoding ? readContents(this.catalogue, drawn.learning) : undefined;
    watch.lap('prepare');
    const refreshed = drawn.refreshing.length > 0 ? this.#encodeChunk(drawn.refreshing) : undefined; // [E − learning, D]
    watch.lap('encode');

    let fresh: FreshVectors | undefined;
    let losses: StepLosses = {};
    let counts: SequenceCounts = { fresh: 0, stored: 0, missing: 0 };
    const trained = new Map([
      ...(encoding ? this.#encoderParameters : []),
      ...(phase === 'joint' ? this.#rankerParameters : []),
    ]);
    const { value, gradients } = differentiate(trained, phase === 'joint' ? rows : undefined, () => {
      let inputs: ContentInputs | undefined;
      if (content !== undefined) {
        fresh = this.#freshVectors(drawn, learningContents, refreshed); // [E, D]
        const unique = completeCandidates(this.bank, candidates, fresh).vectors; // [U, D], stored where not encoded
        const { queries, hasQuery, qids } = this.#askQueries(batch, content); // [B, D]
        watch.lap('encode');
        const places = new Map(Array.from(candidates, (id, place) => [id, place]));
        const documentOf = batch.items.map((id) => places.get(id)!);
        if (encoding && (phase === 'contrast' || this.options.sqdc.weight > 0)) {
          const contrast = sqdc(queries, unique, {
            ...batch,
            ...this.options.sqdc,
            sessions: qids,
            documentOf,
            hasQuery,
          });
          // Without a positive that has a query SQDC is a constant, which tfjs refuses to differentiate: this ties it to the weights.
          losses.contrast = phase === 'joint' ? contrast : add(contrast, mul(sum(queries), 0));
        }
        if (phase === 'joint') {
          const sequences = readSequences(this.bank, batch, this.options, fresh); // [B, L, D], no gradient; dedup join
          counts = sequenceCounts(sequences);
          const items = gather(unique, tensor1d(documentOf, 'int32')); // [B, D]
          const seen = this.options.rankingTrainsEncoders ? <T>(x: T) => x : stopGradient;
          inputs = { queries: seen(queries), items: seen(items), sequences };
          losses.contentId = this.#contentId?.forward(unique, candidateRows(rows, batch.items, candidates));
        }
      }
      if (phase === 'joint') {
        const { logits, auxiliaryLoss, activeShare } = this.#network.forward(batch, rows, inputs, 'training');
        losses.ranking = binaryCrossEntropy(logits, tensor1d(batch.labels));
        Object.assign(losses, { auxiliary: auxiliaryLoss, activeShare });
      }
      losses = Object.fromEntries(
        Object.entries(losses).flatMap(([name, loss]) => (loss === undefined ? [] : [[name, keep(loss)]])),
      );
      if (fresh !== undefined) keep(fresh.vectors);
      watch.lap('rank');
      return this.#total(losses, phase);
    });
    watch.lap('backward');

    const gradientNorm = globalNorm([...gradients.dense.values(), ...gradients.rows.values()]);
    const total = takeNumber(value);
    const skipped = !Number.isFinite(total) || !Number.isFinite(gradientNorm);
    if (!skipped) this.#update(gradients, rows, rate, gradientNorm, encoding, phase);
    for (const gradient of [...gradients.dense.values(), ...gradients.rows.values()]) gradient.dispose();
    disposeRows(rows);
    watch.lap('update');

    const made = fresh as FreshVectors | undefined; // Assigned in the closure above, which the compiler does not see.
    const written =
      made !== undefined && made.ids.length > 0 && !skipped
        ? this.bank.write(made.ids, made.vectors.dataSync() as Float32Array, step)
        : undefined;
    made?.vectors.dispose();
    refreshed?.dispose();
    const take = (loss: Scalar | undefined) => (loss === undefined ? Number.NaN : takeNumber(loss));
    const result = {
      loss: total,
      ranking: take(losses.ranking),
      contrast: take(losses.contrast),
      contentId: take(losses.contentId),
      activeExperts: take(losses.activeShare),
    };
    losses.auxiliary?.dispose();
    watch.lap('write');
    return {
      ...result,
      gradientNorm,
      skipped,
      candidates: candidates.length,
      learned: drawn.learning.length,
      refreshed: drawn.refreshing.length,
      historyFound: counts.fresh + counts.stored,
      historyMissing: counts.missing,
      stalenessCosine: written?.stalenessCosine ?? Number.NaN,
      times: watch.times(),
    };
  }

  /**
   * Scores rows without learning anything.
   *
   * @param vectors where candidates and sequences are read: the training bank, or what {@link encodeBank} makes. Nothing is written.
   * @returns logits `[B]`
   * @throws RangeError for an id outside the tables, or histories of another length than the model's.
   */
  predict(batch: Batch, vectors: ReadableBank): Float32Array {
    this.#check('predict', batch);
    const rows = borrowRows(this, idsOf(batch, this.options), { training: false });
    try {
      const logits = tidy(() => {
        const { content } = this.options;
        let inputs: ContentInputs | undefined;
        if (content !== undefined) {
          const { queries } = this.#askQueries(batch, content);
          const items = completeCandidates(vectors, batch.items).vectors;
          inputs = { queries, items, sequences: readSequences(vectors, batch, this.options) };
        }
        return this.#network.forward(batch, rows, inputs).logits;
      });
      const values = Float32Array.from(logits.dataSync());
      logits.dispose();
      return values;
    } finally {
      disposeRows(rows); // Also where the engine gives out.
    }
  }

  /** Encodes items with the present weights. @returns `[N, dim]`, on the host. @throws Error if the model is id-only. */
  encode(items: Int32Array, chunk = 256): Float32Array {
    if (this.#content === undefined) {
      throw new Error('MultimodalRanker.encode: expected a model with content, got an id-only one');
    }
    const vectors = new Float32Array(items.length * this.options.dim);
    for (let start = 0; start < items.length; start += chunk) {
      const encoded = this.#encodeChunk(items.subarray(start, start + chunk));
      vectors.set(encoded.dataSync(), start * this.options.dim);
      encoded.dispose();
    }
    return vectors;
  }

  /** A bank of these items as the present weights see them: for evaluation and serving. The training bank is not touched. */
  encodeBank(items: Int32Array): MemoryBank {
    const bank = new MemoryBank({ dim: this.options.dim, initialCapacity: Math.max(1, items.length) });
    if (this.#content !== undefined) bank.write(items, this.encode(items), 0);
    return bank;
  }

  /** Ends the first stage of two-stage training: writes these items once; from then on no encoder runs in a step. */
  freezeEncoders(items: Int32Array, step: number): void {
    if (this.#content !== undefined) this.bank.write(items, this.encode(items), step);
  }

  /** Gives every one of these items a vector that has none, the most frequent first. */
  warmUp(items: Int32Array, step: number): void {
    if (this.#content === undefined) return;
    const missing = uncovered({ bank: this.bank, ids: items });
    this.bank.write(missing, this.encode(missing), step);
  }

  dispose(): void {
    disposeParameters(this.parameters);
    this.encoderOptimizer.dispose();
    this.rankerOptimizer.dispose();
  }

  /** Encodes the batch's distinct queries. @returns `[B, D]`, which rows have a query at all, and their QIDs. */
  #askQueries(batch: Batch, options: QueryOptions): Pick<QueryTexts, 'hasQuery' | 'qids'> & { queries: Tensor } {
    const { text, queryOf, ...asked } = readQueries(this.catalogue, batch, options);
    return { queries: tidy(() => gather(this.#query!.forward(text), tensor1d(queryOf, 'int32'))), ...asked };
  }

  #encodeChunk(items: Int32Array): Tensor {
    return tidy(() => this.#content!.forward(readContents(this.catalogue, items)));
  }

  /** The sampled candidates, and the stale items that the refresh budget goes to. */
  #draw(candidates: Int32Array, step: number, random: () => number): DrawnCandidates {
    const { sampling } = this.options;
    const { learning, refreshing } = drawCandidates(candidates, this.bank, sampling, random);
    const { refreshBudget = 0 } = sampling;
    if (refreshBudget === 0) return { learning, refreshing };
    const drawn = new Set([...learning, ...refreshing]);
    const stale = stalest({ bank: this.bank, step, budget: refreshBudget }).filter((item) => !drawn.has(item));
    return { learning, refreshing: Int32Array.from([...refreshing, ...stale]) };
  }

  /** The learning candidates, encoded on the tape, and the refreshed ones, which are constants. */
  #freshVectors(
    drawn: { readonly learning: Int32Array; readonly refreshing: Int32Array },
    contents: ReturnType<typeof readContents> | undefined,
    refreshed: Tensor | undefined,
  ): FreshVectors | undefined {
    const parts: Tensor[] = [];
    if (contents !== undefined && contents.count > 0) parts.push(this.#content!.forward(contents));
    if (refreshed !== undefined) parts.push(refreshed);
    if (parts.length === 0) return undefined;
    return { ids: Int32Array.from([...drawn.learning, ...drawn.refreshing]), vectors: concat(parts, 0) };
  }

  /** `l_CTR + λ · l_SQDC`, and what else is on. */
  #total({ ranking, contrast, contentId, auxiliary }: StepLosses, phase: 'joint' | 'contrast'): Scalar {
    if (phase === 'contrast') return contrast!.clone();
    const { sqdc, cic } = this.options;
    let total = ranking!;
    if (contrast !== undefined) total = add(total, mul(contrast, sqdc.weight));
    if (contentId !== undefined) total = add(total, mul(contentId, cic.weight));
    if (auxiliary !== undefined) total = add(total, auxiliary);
    return total.clone();
  }

  #update(
    gradients: StepGradients,
    rows: BatchRows,
    rate: number,
    gradientNorm: number,
    encoding: boolean,
    phase: 'joint' | 'contrast',
  ): void {
    const { optimizer } = this.options;
    const gradientScale = Math.min(1, optimizer.clipNorm / (gradientNorm + 1e-12));
    if (encoding) {
      const learningRate = optimizer.encoderLearningRate * rate;
      this.encoderOptimizer.apply(gradients.dense, { learningRate, gradientScale });
    }
    if (phase === 'contrast') return;
    this.rankerOptimizer.apply(gradients.dense, { learningRate: optimizer.learningRate * rate, gradientScale });
    updateRows(this, rows, gradients.rows, {
      learningRate: optimizer.tableLearningRate * rate,
      weightDecay: optimizer.tableWeightDecay,
      gradientScale,
    });
  }

  // Before anything is on the tape: tfjs never frees what a forward pass saved that fails half-way.
  #check(where: string, batch: Batch): void {
    assertHistories(`MultimodalRanker.${where}`, batch, this.options);
    assertBatchQueries(`MultimodalRanker.${where}`, batch, this.catalogue, this.options.content);
  }
}

const NOTHING_DRAWN: DrawnCandidates = { learning: new Int32Array(0), refreshing: new Int32Array(0) };

interface StepLosses {
  ranking?: Scalar;
  contrast?: Scalar;
  contentId?: Scalar | undefined;
  /** Of a mixture of experts. */
  auxiliary?: Scalar | undefined;
  activeShare?: Scalar | undefined;
}
