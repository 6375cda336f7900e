import type { Batch } from '../batches/batch.js';
import type { BatchHistories } from '../batches/batch-history.js';
import type { HistoryAsOf } from '../samples/history-as-of.js';
import type { IdIndex } from '../samples/id-index.js';
import { checkId, type OutsideId } from '../samples/outside-id.js';
import { assertTime } from '../samples/timestamp-range.js';
import { RunningStatistics } from '../statistics/running-statistics.js';
import type { StatisticsLayout } from '../statistics/statistics-layout.js';
import { assertStreamState } from './assert-stream-state.js';
import { batchesOf } from './batches-of.js';
import { beginIndex } from './begin-index.js';
import { capacitiesFor, gatherStreamBatch, gatherUserHistories } from './stream-batch.js';
import { checkEvent, type StreamEvent } from './stream-event.js';
import {
  assertStreamOptions,
  type CurrentHistoriesOptions,
  type SampleStreamOptions,
  type StreamBatchesOptions,
} from './stream-options.js';
import { NO_COUNTS, type PendingEvent, type StreamCounts, type StreamState } from './stream-state.js';
import { type HistoryCapacities, UserHistories } from './user-histories.js';
import { visitWith } from './visit.js';

/**
 * Makes batches of live events, in time order, with the same labels, sessions and histories that {@link buildSamples}
 * finds in a table of the same events.
 *
 * Time is the events' own. Within a batch, events are in time order. An event earlier than a batch already made is
 * *late*: it is counted and reported, but is in no batch. A history holds events of strictly earlier timestamps (by
 * visits: of earlier visits), those of the same batch included. Within one timestamp, the last event to arrive is the
 * most recent, where a table sorts by item id. An event that is delivered twice counts twice.
 */
export class SampleStream {
  readonly #options: SampleStreamOptions;
  readonly #users: IdIndex;
  readonly #items: IdIndex;
  readonly #queries: IdIndex;
  readonly #capacities: HistoryCapacities;
  readonly #historyAsOf: HistoryAsOf;
  readonly #sessionGapSeconds: number;
  readonly #histories: UserHistories;
  readonly #statistics: RunningStatistics | undefined;
  readonly #pending: PendingEvent[];
  #emittedUntil: number;
  #counts: { -readonly [Name in keyof StreamCounts]: StreamCounts[Name] };

  /**
   * @param state of an earlier stream, which this one continues, waiting events included
   * @throws RangeError if an option is out of its range, ids repeat, or the state is damaged or does not fit the
   *   options.
   */
  constructor(options: SampleStreamOptions, state?: StreamState) {
    const { histories = {}, sessionGapSeconds = 1800, maxUsers = 100_000, historyAsOf = 'event' } = options;
    assertStreamOptions({ ...options, histories, sessionGapSeconds, maxUsers });
    this.#options = options;
    this.#capacities = capacitiesFor(histories);
    this.#historyAsOf = historyAsOf;
    this.#sessionGapSeconds = sessionGapSeconds;
    const bounds = { maxUsers, sessionGapSeconds, historyAsOf, capacities: this.#capacities };
    if (state !== undefined) {
      assertStreamState('SampleStream', state, { ...bounds, statistics: options.statistics !== undefined });
    }
    this.#users = beginIndex('userIds', options.userIds, state?.userIds, options.maxUserIds);
    this.#items = beginIndex('itemIds', options.itemIds, state?.itemIds, options.maxItemIds);
    this.#queries = beginIndex('queries', options.queries, state?.queries, options.maxQueries);
    this.#histories = new UserHistories(bounds, state?.histories);
    const described = (options.statistics?.attributes.words.offsets.length ?? 1) - 1;
    if (described > this.#items.ids.length) {
      const got = `${this.#items.ids.length} itemIds`;
      throw new RangeError(`SampleStream: expected itemIds of the ${described} items with attributes, got ${got}`);
    }
    this.#statistics =
      options.statistics && new RunningStatistics({ ...options.statistics, ...bounds }, state?.statistics ?? undefined);
    this.#pending = [...(state?.pending ?? [])];
    this.#emittedUntil = state?.emittedUntil ?? Number.NEGATIVE_INFINITY;
    this.#counts = { ...(state?.counts ?? NO_COUNTS) };
  }

  /** The options that the stream was made with. */
  get options(): SampleStreamOptions {
    return this.#options;
  }

  /** Which statistics `batch.statistics` holds; undefined without the option `statistics`. */
  get statisticsLayout(): StatisticsLayout | undefined {
    return this.#statistics?.tracker.layout;
  }

  /** Dense user id → id, in order of arrival. Grows. */
  get userIds(): readonly string[] {
    return this.#users.ids;
  }

  /** Dense item id → id, in order of arrival. Grows. */
  get itemIds(): readonly string[] {
    return this.#items.ids;
  }

  /** Query id → text. Grows. */
  get queries(): readonly string[] {
    return this.#queries.ids;
  }

  get counts(): StreamCounts {
    return { ...this.#counts, forgottenUsers: this.#histories.forgotten };
  }

  /**
   * Takes one event.
   *
   * @returns a batch, if this event fills it.
   * @throws RangeError with the event's number, from 0, if it cannot be used. The stream is then unchanged.
   */
  push(event: StreamEvent): Batch | undefined {
    const { positive = (rating) => rating >= 4, late = 'history', onLate } = this.#options;
    const checked = checkEvent(event, positive, `SampleStream.push: event ${this.#counts.events}`);
    const { label, timestamp } = checked;
    this.#counts.events++;
    if (!this.#users.hasRoomFor(checked.user) || !this.#items.hasRoomFor(checked.item)) {
      this.#counts.refused++;
      return undefined;
    }
    const user = this.#users.add(checked.user);
    const item = this.#items.add(checked.item);
    if (timestamp < this.#emittedUntil) {
      this.#counts.late++;
      if (late === 'history') {
        const { historyEnd } = this.#histories.visitAt(user, timestamp);
        this.#histories.add(user, item, timestamp, label === 1);
        this.#statistics?.addLate({ user, item, label, timestamp }, historyEnd);
      }
      onLate?.(event, this.#emittedUntil);
      return undefined;
    }
    const query = checked.query === '' ? -1 : this.#queries.add(checked.query);
    if (query === -1 && checked.query !== '') this.#counts.queriesRefused++;
    let index = this.#pending.length;
    while (index > 0 && this.#pending[index - 1]!.timestamp > timestamp) index--;
    if (index < this.#pending.length) this.#counts.reordered++;
    this.#pending.splice(index, 0, { user, item, label, timestamp, query });
    return this.#pending.length >= this.#options.batchSize ? this.flush() : undefined;
  }

  /** Makes a batch of the waiting events, at most `batchSize`. @returns undefined if no event waits. */
  flush(): Batch | undefined {
    const events = this.#pending.splice(0, this.#options.batchSize);
    if (events.length === 0) return undefined;
    const { histories: named } = this.#options;
    const batch = gatherStreamBatch(events, this.#histories, this.#counts.samples, named, this.#statistics);
    this.#emittedUntil = events.at(-1)!.timestamp;
    this.#counts.samples += events.length;
    this.#counts.batches++;
    return batch;
  }

  /**
   * The histories that an event of this user would get now, by name, each with one row, for serving. By visits, they
   * end where the user's visit began if it still lasts: if its last event is at most `sessionGapSeconds` before `time`.
   * They hold the events of batches and late events, not waiting ones, and are empty for an unknown user. The call
   * changes nothing, not even the order in which users are forgotten.
   *
   * @throws RangeError if the id is empty or not a safe integer, or the time is not one.
   */
  histories(user: OutsideId, { time }: CurrentHistoriesOptions = {}): BatchHistories {
    const id = this.#users.find(checkId('SampleStream.histories', 'user', user));
    if (time !== undefined) assertTime('SampleStream.histories', 'time', time);
    return gatherUserHistories(id, this.#histories, this.#options.histories, this.#historyEnd(id, time));
  }

  /**
   * The statistics that events of this user with these items would get now, `[items, width]`, for serving. They know of
   * the same events as {@link histories}, and the call changes nothing.
   *
   * @param items dense ids; an item that the stream does not know has no events
   * @throws RangeError if the stream has no statistics, and as {@link histories}.
   */
  statistics(user: OutsideId, items: Int32Array, { time }: CurrentHistoriesOptions = {}): Float32Array {
    if (this.#statistics === undefined)
      throw new RangeError('SampleStream.statistics: expected the option statistics, got none');
    const id = this.#users.find(checkId('SampleStream.statistics', 'user', user));
    if (time !== undefined) assertTime('SampleStream.statistics', 'time', time);
    const newest = this.#pending.at(-1)?.timestamp ?? this.#emittedUntil;
    const now = time ?? (Number.isFinite(newest) ? newest + 0.001 : 0); // a moment after the newest event
    return this.#statistics.current(id, items, Math.min(now, this.#historyEnd(id, time)), now);
  }

  /**
   * Makes batches of a finite or endless stream of events. A batch is complete when it is full, when its first event
   * has waited `maxWaitMs`, or when the events end. Events are pulled from the source only while a batch is awaited.
   *
   * @throws RangeError if `maxWaitMs` is negative, and any error of {@link push} or of the events. Earlier events stay
   *   in the stream.
   */
  batches(
    events: AsyncIterable<StreamEvent> | Iterable<StreamEvent>,
    options: StreamBatchesOptions = {},
  ): AsyncGenerator<Batch, void, undefined> {
    return batchesOf(
      {
        isWaiting: () => this.#pending.length > 0,
        push: (event) => this.push(event),
        flush: () => this.flush(),
      },
      events,
      options,
    );
  }

  /**
   * A copy of the whole state, waiting events included. `counts.events` is the number of events received, and so the
   * position in the source from which to continue.
   */
  state(): StreamState {
    return {
      format: 4,
      historyAsOf: this.#historyAsOf,
      userIds: [...this.#users.ids],
      itemIds: [...this.#items.ids],
      queries: [...this.#queries.ids],
      histories: this.#histories.state(),
      statistics: this.#statistics?.state() ?? null,
      pending: [...this.#pending],
      emittedUntil: Number.isFinite(this.#emittedUntil) ? this.#emittedUntil : null, // JSON has no infinity
      counts: this.counts,
      capacities: this.#capacities,
    };
  }

  /**
   * The time at which the histories of a request end. Waiting events extend a visit although no history has them yet.
   */
  #historyEnd(user: number, time: number | undefined): number {
    if (this.#historyAsOf === 'event') return time ?? Number.POSITIVE_INFINITY;
    const now = time ?? this.#pending.at(-1)?.timestamp ?? this.#emittedUntil;
    const waiting = this.#pending.filter((event) => event.user === user && event.timestamp <= now);
    const times = [...waiting.map(({ timestamp }) => timestamp), now];
    const { start } = visitWith(this.#histories.visitOf(user), times, this.#sessionGapSeconds);
    return Math.min(now, start);
  }
}
