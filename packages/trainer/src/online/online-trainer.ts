import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Batch, IdIndex, type SampleStream, type StreamEvent } from '@sifaka/data';
import type { TextTokenizer } from '@sifaka/encoders/node';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import type { StepResult } from '../model/step-result.js';
import type { TrainingStep } from '../model/training-step.js';
import { explainStep } from '../run/training-error.js';
import { assertFit } from './assert-fit.js';
import { growTable } from './grow-table.js';
import type { GrowingCatalogue } from './growing-catalogue.js';
import { LiveItems } from './live-items.js';
import { listOnline, saveOnline } from './online-checkpoint.js';
import { NO_COUNTS, type OnlineCounts, type OwnCounts, onlineCounts } from './online-counts.js';
import type {
  AddedItems,
  Arrival,
  OnlineOptions,
  OnlineState,
  RankedItem,
  RankRequest,
  RunOnlineOptions,
} from './online-options.js';
import { PrequentialMeter } from './prequential-meter.js';
import { type NewItem, readNewItems } from './read-new-items.js';
import { serve } from './serve.js';

/**
 * A model that goes on learning from an endless stream of events, takes in new items by their raw content alone, and serves meanwhile.
 *
 * Each batch is scored, then learned from. A new item is encoded once, when it arrives, forward only, and written to the bank: from then on it
 * can be ranked, without retraining and before anybody met it. As a candidate of later batches it is encoded again like any other. Serving
 * reads item vectors from the bank and runs no content encoder; it runs the query encoder and the ranker.
 */
export class OnlineTrainer {
  readonly training: TrainingStep;
  readonly model: MultimodalRanker;
  readonly stream: SampleStream;
  readonly catalogue: GrowingCatalogue;
  readonly tokenizer: TextTokenizer;
  readonly #options: OnlineOptions;
  readonly #items: LiveItems;
  readonly #users: IdIndex;
  readonly #meter: PrequentialMeter;
  /** Events and items are taken one after the other, though decoding and tokenizing wait. */
  #turns: Promise<unknown> = Promise.resolve();
  #step: number;
  #own: { -readonly [Name in keyof OwnCounts]: OwnCounts[Name] };
  #trainingSeconds: number;
  /** Where checkpoints are, once any were asked for. */
  #folder: string | undefined;

  /**
   * @param state of an earlier one, whose model, catalogue and stream these are; see {@link resumeOnline}.
   * @throws RangeError if the catalogue is not the model's, does not fit the ids, or the stream has fewer queries than the catalogue.
   */
  constructor(training: TrainingStep, options: OnlineOptions, state?: OnlineState) {
    const { stream, catalogue, itemIds, tokenizer, maxItems, firstStep = 0 } = options;
    const { model } = training;
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

  /** Steps done, those before it went online included. */
  get step(): number {
    return this.#step;
  }

  /** Dense id of the catalogue → id. Grows. */
  get itemIds(): readonly string[] {
    return this.#items.ids;
  }

  get counts(): OnlineCounts {
    return onlineCounts(this.stream, this.#own);
  }

  /**
   * Takes in items by their raw content: decodes and tokenizes it, encodes it once, forward only, and writes the vectors to the bank. Content
   * of an item that is here already takes the old one's place.
   *
   * @throws TrainingError naming the next step and the newest checkpoint where the engine gives out.
   */
  addItems(items: readonly NewItem[]): Promise<AddedItems> {
    return this.#inEngineTurn(async () => {
      const { contents, images } = await readNewItems(items, this.catalogue, this.tokenizer);
      const places = new Set<number>();
      let added = 0;
      let refused = 0;
      items.forEach(({ id }, i) => {
        if (!this.#items.hasRoomFor(String(id))) {
          refused++;
          return;
        }
        let place = this.#items.find(String(id));
        if (place < 0) {
          place = this.#items.append(String(id));
          added++;
        }
        this.catalogue.replace(place, contents, i);
        places.add(place);
      });
      const encoded = Int32Array.from(places);
      if (this.model.options.content !== undefined) {
        this.model.bank.write(encoded, this.model.encode(encoded), this.#step);
      }
      this.#own.itemGroups++;
      this.#own.newItems += added;
      this.#own.refusedItems += refused;
      return { added, replaced: items.length - added - refused, refused, images };
    });
  }

  /**
   * Takes one event.
   *
   * @returns the step, if the event filled a batch.
   * @throws RangeError for an event that cannot be used; nothing has changed then. TrainingError where the engine gives out.
   */
  push(event: StreamEvent): Promise<StepResult | undefined> {
    return this.#inEngineTurn(async () => {
      const batch = this.#admits(event) ? this.stream.push(event) : undefined;
      return batch && this.#learn(batch);
    });
  }

  /** Learns from what waits in the stream. @returns nothing if nothing waits. */
  flush(): Promise<StepResult | undefined> {
    return this.#inEngineTurn(async () => {
      const batch = this.stream.flush();
      return batch && this.#learn(batch);
    });
  }

  /**
   * Learns from a source, endless or not, until it ends or the signal comes; then saves, if asked to.
   *
   * @returns the last checkpoint that was written.
   * @throws TrainingError naming step and checkpoint where the engine gives out; what the source throws; RangeError for a bad event.
   */
  async run(
    source: AsyncIterable<Arrival> | Iterable<Arrival>,
    { checkpoints, ...waiting }: RunOnlineOptions = {},
  ): Promise<string | undefined> {
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
        await this.#inEngineTurn(() => this.#learn(batch));
        await nextTurn(); // Lets requests and signals have their turn.
        if (checkpoints !== undefined && this.#step % checkpoints.every === 0) await save();
      }
    } finally {
      await this.#turns; // Items that were still being decoded.
    }
    await save();
    return checkpoint;
  }

  /**
   * Ranks candidates for a user: item vectors and histories from the bank, the query encoder, the ranker. Nothing is written or learned. A user
   * or item that nothing is known of reads the unknown row.
   *
   * @returns the candidates, best first.
   */
  rank({ user, candidates, query = '' }: RankRequest): Promise<RankedItem[]> {
    this.#users.follow(this.stream.userIds);
    const known = this.#users.find(String(user));
    const ids = candidates.map(String);
    return serve(this, {
      user: known < this.model.tables.users.size ? known : -1,
      ids,
      candidates: Int32Array.from(ids, (id) => this.#items.find(id)),
      histories: this.#items.translateHistories(this.stream.histories(user)),
      query,
    });
  }

  /** Saves everything beneath `folder`, whole or not at all; see {@link resumeOnline}. @returns the checkpoint's folder. */
  save(folder: string): Promise<string> {
    this.#folder = folder;
    return this.#inTurn(() => saveOnline(this, { state: this.state(), arrivals: this.counts.arrivals }, folder));
  }

  /** A copy. `counts.arrivals` says where to go on reading the source. */
  state(): OnlineState {
    return {
      format: 2,
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
    await this.#meetQueries();
    const { model } = this;
    growTable(model.tables.users, this.stream.userIds.length);
    const batch = this.#items.translate(streamed);
    const started = performance.now();
    const logits = model.predict(batch, model.bank.reader());
    const cold = Uint8Array.from(batch.items, (item) => (model.tables.items.updates[item + 1] === 0 ? 1 : 0));
    const candidatesFound = batch.items.reduce((found, item) => found + (model.bank.has(item) ? 1 : 0), 0);
    const result = this.training.run(batch, { step: this.#step, rate: this.#options.rate ?? 1 });
    const seconds = (performance.now() - started) / 1000;
    this.#step++;
    this.#trainingSeconds += seconds;
    this.#own.skippedSteps += result.skipped ? 1 : 0;
    this.#meter.add({ logits, labels: batch.labels, cold, candidatesFound, seconds, result });
    const { metricsEvery = 100, onMetrics } = this.#options;
    if (this.#step % metricsEvery === 0) {
      const metrics = this.#meter.take(this.#step, this.counts, model.bank.size);
      onMetrics?.(metrics);
    }
    return result;
  }

  /** The events of a source; items that stand between them are taken in where they stand. */
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

  get #asksSamples(): boolean {
    return this.model.options.content?.query === 'samples';
  }

  async #meetQueries(): Promise<void> {
    if (!this.#asksSamples) return;
    const { lengths, maxLength } = this.catalogue.queries!;
    const texts = this.stream.queries.slice(lengths.length);
    if (texts.length > 0) this.catalogue.appendQueries(await this.tokenizer.encodeBatch(texts, { maxLength }));
  }

  /** Work that the engine may give out in. */
  #inEngineTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const newest = async () => (this.#folder === undefined ? undefined : (await listOnline(this.#folder))[0]);
    return this.#inTurn(work).catch(async (error: unknown) => {
      throw await explainStep(error, this.#step + 1, newest);
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => {}); // Whoever asked for the work hears of it.
    return done;
  }
}
