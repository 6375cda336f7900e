import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Batch, checkId, IdIndex, type SampleStream, type StreamEvent } from '@sifaka/data';
import type { Tokenizer } from '@sifaka/encoders/node';
import { assertFinite } from '../model/divergence-error.js';
import { assertFiniteWeights } from '../model/finite-weights.js';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import type { StepResult } from '../model/step-result.js';
import type { TrainingStep } from '../model/training-step.js';
import { explainStep, TrainingError, tooManySkipped } from '../run/training-error.js';
import { assertFit } from './assert-fit.js';
import { checkNewItems } from './check-new-items.js';
import { checkOnlineSettings } from './check-online-settings.js';
import { growTable } from './grow-table.js';
import type { GrowingCatalogue } from './growing-catalogue.js';
import { LiveItems } from './live-items.js';
import { listOnline, saveOnline } from './online-checkpoint.js';
import { NO_COUNTS, type OnlineCounts, type OwnCounts, onlineCounts } from './online-counts.js';
import type {
  AddedItems,
  Arrival,
  OnlineOptions,
  OnlineSettings,
  OnlineState,
  RankedItem,
  RankRequest,
  RunOnlineOptions,
} from './online-options.js';
import { PrequentialMeter } from './prequential-meter.js';
import { countCategories, type NewItem, readNewItems } from './read-new-items.js';
import { serve } from './serve.js';
import { WorkQueue } from './work-queue.js';

/**
 * Trains a model on an endless stream of events, adds new items from their raw content, and serves the model meanwhile.
 *
 * Each batch is scored, then learned from. A new item is encoded into the bank when it arrives, without a gradient. It
 * can be ranked at once, before its first event and without training. Later batches encode it like any other candidate.
 * Serving runs the query encoder and the ranker; it reads item vectors from the bank and runs no content encoder.
 */
export class OnlineTrainer {
  readonly training: TrainingStep;
  readonly model: MultimodalRanker;
  readonly stream: SampleStream;
  readonly catalogue: GrowingCatalogue;
  readonly tokenizer: Tokenizer;
  readonly #options: OnlineOptions;
  readonly #items: LiveItems;
  readonly #users: IdIndex;
  readonly #meter: PrequentialMeter;
  /** Keeps events and items in their order, although decoding and tokenizing are asynchronous. */
  readonly #queue: WorkQueue = new WorkQueue();
  #step: number;
  #own: { -readonly [Name in keyof OwnCounts]: OwnCounts[Name] };
  #skippedInARow = 0;
  #trainingSeconds: number;
  /** Folder of the checkpoints, if the caller has named one. */
  #folder: string | undefined;

  /**
   * @param state of an earlier trainer with this model, catalogue and stream; see {@link resumeOnline}
   * @throws RangeError if model, catalogue, ids and stream do not fit together.
   */
  constructor(training: TrainingStep, options: OnlineOptions, state?: OnlineState) {
    const { stream, catalogue, itemIds, tokenizer, maxItems, firstStep = 0 } = options;
    const { model } = training;
    checkOnlineSettings(options);
    assertFit(model, options);
    this.training = training;
    this.model = model;
    this.stream = stream;
    this.catalogue = catalogue;
    this.tokenizer = tokenizer;
    this.#options = options;
    this.#items = new LiveItems({ model, catalogue, stream, itemIds, maxItems });
    this.#users = new IdIndex('OnlineTrainer: userIds', stream.userIds);
    this.#step = state?.step ?? firstStep;
    this.#own = { ...(state?.own ?? NO_COUNTS) };
    this.#trainingSeconds = state?.trainingSeconds ?? 0;
    this.#meter = new PrequentialMeter(state?.meter ?? { counts: this.counts });
    this.#items.follow();
  }

  /** Number of finished steps, those of earlier training included. */
  get step(): number {
    return this.#step;
  }

  /** Outside id of each item, by id in the catalogue. Grows. */
  get itemIds(): readonly string[] {
    return this.#items.ids;
  }

  /** The settings that a checkpoint holds. */
  get settings(): Omit<OnlineSettings, 'onMetrics'> {
    const { rate = 1, metricsEvery = 100, maxSkippedSteps = 20, maxItems } = this.#options;
    return { rate, metricsEvery, maxSkippedSteps, ...(maxItems === undefined ? {} : { maxItems }) };
  }

  get counts(): OnlineCounts {
    return onlineCounts(this.stream, this.#own);
  }

  /**
   * Adds items by their raw content, and writes their vectors to the bank. New content of a known item replaces the
   * old.
   *
   * @throws RangeError naming the position of an invalid item and the reason. Nothing is added then.
   * @throws TrainingError naming the next step and the newest checkpoint if the engine fails or the model diverged.
   *   Nothing is added then.
   */
  addItems(items: readonly NewItem[]): Promise<AddedItems> {
    return this.#runOnEngine(async () => {
      const itemIds = checkNewItems('OnlineTrainer.addItems', items, this.catalogue);
      const read = await readNewItems(items, this.catalogue, this.#options);
      const { positions, refused } = this.#items.admitted(itemIds);
      // Encoded before the catalogue changes: if the engine fails, no item is left without a vector.
      const vectors = this.model.options.content && this.model.encode(positions, { catalogue: read.contents });
      const { ids, added } = this.#items.setContents(itemIds, positions, read);
      if (vectors !== undefined) this.model.bank.write(ids, vectors, this.#step);
      this.#own.itemGroups++;
      this.#own.newItems += added;
      this.#own.refusedItems += refused;
      const replaced = items.length - added - refused;
      return { added, replaced, refused, images: read.images, ...countCategories(items, this.catalogue) };
    });
  }

  /**
   * Takes one event.
   *
   * @returns the result of the step, if the event filled a batch
   * @throws RangeError for an invalid event, which changes nothing. TrainingError if the engine fails or the model
   * diverges.
   */
  push(event: StreamEvent): Promise<StepResult | undefined> {
    return this.#runOnEngine(async () => {
      const batch = this.#admits(event) ? this.stream.push(event) : undefined;
      return batch && this.#learn(batch);
    });
  }

  /** Learns from the events that wait in the stream. @returns the result of the step; undefined if no event waits */
  flush(): Promise<StepResult | undefined> {
    return this.#runOnEngine(async () => {
      const batch = this.stream.flush();
      return batch && this.#learn(batch);
    });
  }

  /**
   * Learns from a source, which may be endless, until it ends or the signal aborts. Then saves, given `checkpoints`.
   *
   * @returns the last checkpoint. Undefined if none was written.
   * @throws TrainingError naming the step and the newest checkpoint if the engine fails or the model diverges.
   * RangeError for an invalid event or `every`.
   */
  async run(
    source: AsyncIterable<Arrival> | Iterable<Arrival>,
    { checkpoints, ...waiting }: RunOnlineOptions = {},
  ): Promise<string | undefined> {
    if (checkpoints !== undefined && !(Number.isSafeInteger(checkpoints.every) && checkpoints.every > 0)) {
      throw new RangeError(
        `OnlineTrainer.run: expected checkpoints.every to be a whole number from 1, got ${checkpoints.every}`,
      );
    }
    this.#folder = checkpoints?.folder ?? this.#folder;
    let checkpoint: string | undefined;
    let savedAt = -1;
    const save = async () => {
      if (checkpoints === undefined || savedAt === this.counts.arrivals) return;
      savedAt = this.counts.arrivals;
      checkpoint = await this.save(checkpoints.folder);
    };
    try {
      for await (const batch of this.stream.batches(this.#events(source), waiting)) {
        await this.#runOnEngine(() => this.#learn(batch));
        await nextTurn(); // Requests and signals are handled here.
        if (checkpoints !== undefined && this.#step % checkpoints.every === 0) await save();
      }
    } finally {
      await this.#queue.idle(); // Items may still be decoding.
    }
    await save();
    return checkpoint;
  }

  /**
   * Ranks candidates for a user. Item vectors come from the bank, histories from the stream. Nothing is written or
   * learned. Unknown users and items read the unknown rows.
   *
   * @returns the candidates, best first
   * @throws RangeError for an invalid user, candidate, query or time.
   */
  async rank({ user, candidates, query = '', time }: RankRequest): Promise<RankedItem[]> {
    this.#users.follow(this.stream.userIds);
    const known = this.#users.find(checkId('OnlineTrainer.rank', 'user', user));
    const ids = candidates.map((id, index) => checkId('OnlineTrainer.rank', `candidate ${index}`, id));
    if (typeof query !== 'string') throw new RangeError(`OnlineTrainer.rank: expected query to be text, got ${query}`);
    const at = time === undefined ? {} : { time };
    const statisticsOf = (items: Int32Array) => this.stream.statistics(user, this.#items.inStream(items), at);
    return serve(this, {
      user: known < this.model.tables.users.size ? known : -1,
      ids,
      candidates: Int32Array.from(ids, (id) => this.#items.find(id)),
      histories: this.#items.translateHistories(this.stream.histories(user, at)),
      query,
      statisticsOf: this.model.options.statistics && statisticsOf,
    });
  }

  /**
   * Saves a checkpoint in `folder`; see {@link resumeOnline}.
   *
   * @returns the checkpoint's folder
   * @throws {@link TrainingError} if weights are not finite; {@link CheckpointError} if a file cannot be written.
   */
  save(folder: string): Promise<string> {
    this.#folder = folder;
    return this.#runOnEngine(async () => {
      assertFiniteWeights('the weights to save', this.model);
      return saveOnline(this, { state: this.state(), arrivals: this.counts.arrivals }, folder);
    });
  }

  /** A copy of the state. A resumed run continues reading its source at `counts.arrivals`. */
  state(): OnlineState {
    return {
      format: 4,
      step: this.#step,
      itemIds: [...this.#items.ids],
      own: { ...this.#own },
      trainingSeconds: this.#trainingSeconds,
      stream: this.stream.state(),
      meter: this.#meter.state(),
    };
  }

  /** Disposes the optimizers and the model. */
  dispose(): void {
    this.training.dispose();
    this.model.dispose();
  }

  async #learn(streamed: Batch): Promise<StepResult> {
    this.#own.unannounced += this.#items.follow();
    await this.#appendQueries();
    const { model } = this;
    growTable(model.tables.users, this.stream.userIds.length);
    const batch = this.#items.translate(streamed);
    const started = performance.now();
    const logits = model.predict(batch, model.bank.reader());
    const cold = Uint8Array.from(batch.items, (item) => (model.tables.items.updates[item + 1] === 0 ? 1 : 0));
    const candidatesFound = batch.items.reduce((found, item) => found + (model.bank.has(item) ? 1 : 0), 0);
    assertFinite(`step ${this.#step + 1}`, 'logits', logits);
    const result = this.training.run(batch, { step: this.#step, rate: this.#options.rate ?? 1 });
    if (result.skipped) assertFiniteWeights(`step ${this.#step + 1}`, model, result.loss);
    const seconds = (performance.now() - started) / 1000;
    this.#step++;
    this.#trainingSeconds += seconds;
    this.#own.skippedSteps += result.skipped ? 1 : 0;
    this.#skippedInARow = result.skipped ? this.#skippedInARow + 1 : 0;
    if (this.#skippedInARow >= (this.#options.maxSkippedSteps ?? 20)) {
      const failure = tooManySkipped(this.#skippedInARow, result.loss);
      throw new TrainingError(this.#step, failure, await this.#newest());
    }
    this.#meter.add({ logits, labels: batch.labels, cold, candidatesFound, seconds, result });
    const { metricsEvery = 100, onMetrics } = this.#options;
    if (this.#step % metricsEvery === 0) {
      const metrics = this.#meter.take(this.#step, this.counts, model.bank.size);
      onMetrics?.(metrics);
    }
    return result;
  }

  /** The events of a source. Adds the items between them in their order. */
  async *#events(source: AsyncIterable<Arrival> | Iterable<Arrival>): AsyncGenerator<StreamEvent, void, undefined> {
    for await (const arrival of source) {
      if ('items' in arrival) await this.addItems(arrival.items);
      else if (this.#admits(arrival)) yield arrival;
    }
  }

  /** Whether there is room for the event's item. */
  #admits({ item }: StreamEvent): boolean {
    this.#own.unannounced += this.#items.follow();
    if (this.#items.hasRoomFor(String(item))) return true;
    this.#own.refusedEvents++;
    return false;
  }

  /** Adds the queries that are new in the stream to the catalogue, if the model reads them. */
  async #appendQueries(): Promise<void> {
    if (this.model.options.content?.query !== 'samples') return;
    const { lengths, maxLength } = this.catalogue.queries!;
    const texts = this.stream.queries.slice(lengths.length);
    if (texts.length > 0) this.catalogue.appendQueries(await this.tokenizer.encodeBatch(texts, { maxLength }));
  }

  /** Queues work in which the engine may fail. */
  #runOnEngine<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#queue.run(work).catch(async (error: unknown) => {
      throw await explainStep(error, this.#step + 1, () => this.#newest());
    });
  }

  /** The newest checkpoint in the folder that the caller has named. */
  async #newest(): Promise<string | undefined> {
    return this.#folder === undefined ? undefined : (await listOnline(this.#folder))[0];
  }
}
