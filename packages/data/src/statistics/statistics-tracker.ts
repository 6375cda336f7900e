import { assertAttributes, type ItemAttributes } from '../attributes/item-attributes.js';
import { listEnd, listStart, type Ragged } from '../attributes/ragged.js';
import { assertStatisticsState } from './assert-statistics-state.js';
import { CausalCount, type CausalCountState } from './causal-count.js';
import { ItemCount, type ItemCountState } from './item-count.js';
import { logitShare } from './logit-share.js';
import { Mood } from './mood.js';
import { Overlap } from './overlap.js';
import { type StatisticsBlockName, type StatisticsLayout, statisticsLayout } from './statistics-layout.js';
import { UserRecord, type UserRecordState } from './user-record.js';

export interface StatisticsTrackerOptions {
  readonly attributes: ItemAttributes;
  /** Maximum number of users to keep. Beyond it the least recently active user is forgotten. Default: no bound. */
  readonly maxUsers?: number;
}

/** The whole state of a {@link StatisticsTracker}, as plain data for JSON. */
export interface StatisticsState {
  /** Names of the categories of each column: their numbers must not change. */
  readonly columns: readonly { readonly name: string; readonly names: readonly string[] }[];
  /** From the least to the most recently active. */
  readonly users: readonly (readonly [user: number, record: UserRecordState])[];
  readonly items: readonly (readonly [item: number, count: ItemCountState])[];
  readonly categories: readonly CausalCountState[];
  readonly all: CausalCountState;
}

/** Strength of the like rate of all items in that of one item or category, as a number of events. */
const PRIOR_EVENTS = 5;
/** Strength of the user's own like rate in that of one category. */
const LIKING_PRIOR_EVENTS = 2;
const NOBODY = new UserRecord();
const NOTHING = new ItemCount();

/**
 * Keeps what statistics need, event by event: see {@link gatherStatistics} for their meaning. Samples and streams share
 * this class, so that both have the same statistics.
 *
 * A statistic at a time knows of events with strictly earlier timestamps. Add the event of a sample after its
 * statistics were written, and go forward in time: `write` at a time earlier than an event that was added may know of
 * events at that time. Late events may be added at any time.
 *
 * For each user it keeps 50 labels, 20 likes, and a count for each category that the user met; a count for each item
 * and category.
 */
export class StatisticsTracker {
  readonly layout: StatisticsLayout;
  readonly #attributes: ItemAttributes;
  readonly #maxUsers: number;
  /** The category columns, with ids that are unique over all columns. */
  readonly #columns: readonly Ragged[];
  /** In order of activity: a Map iterates in the order in which keys were set. */
  readonly #users = new Map<number, UserRecord>();
  readonly #items = new Map<number, ItemCount>();
  readonly #categories: readonly CausalCount[];
  readonly #all: CausalCount;
  readonly #mood = new Mood();
  readonly #overlap: Overlap;
  readonly #offsets: Readonly<Partial<Record<StatisticsBlockName, number>>>;

  /**
   * @param state of an earlier tracker, which this one continues
   * @throws RangeError if the attributes or the state are damaged, or the state is of other categories.
   */
  constructor({ attributes, maxUsers = Number.POSITIVE_INFINITY }: StatisticsTrackerOptions, state?: StatisticsState) {
    assertAttributes('StatisticsTracker', attributes, attributes.words.offsets.length - 1);
    if (state !== undefined) assertStatisticsState('StatisticsTracker', state, attributes.categories);
    this.#attributes = attributes;
    this.#maxUsers = maxUsers;
    this.layout = statisticsLayout(attributes);
    this.#offsets = Object.fromEntries(this.layout.blocks.map(({ name, offset }) => [name, offset]));
    let first = 0;
    this.#columns = attributes.categories.map(({ names, ofItem: { offsets, ids } }) => {
      const start = first;
      first += names.length;
      return { offsets, ids: ids.map((id) => start + id) };
    });
    this.#overlap = new Overlap(attributes, this.#columns);
    this.#categories = Array.from({ length: first }, (_, category) => new CausalCount(state?.categories[category]));
    this.#all = new CausalCount(state?.all);
    for (const [user, record] of state?.users ?? []) this.#users.set(user, new UserRecord(record));
    for (const [item, count] of state?.items ?? []) this.#items.set(item, new ItemCount(count));
  }

  /**
   * Adds an event: {@link addToUser} and {@link addToItem}.
   *
   * @param time Unix seconds
   * @param label 1 for a liked event, 0 otherwise
   */
  add(user: number, item: number, time: number, label: number): void {
    this.addToUser(user, item, time, label);
    this.addToItem(item, time, label);
  }

  /** Adds an event to what is known of its user: the blocks `mood`, `liking` and `overlap`. */
  addToUser(user: number, item: number, time: number, label: number): void {
    const record = this.#touch(user);
    record.add(item, time, label);
    for (const column of this.#columns) {
      const end = listEnd(column, item);
      for (let k = listStart(column, item); k < end; k++) record.addCategory(column.ids[k]!, time, label);
    }
  }

  /** Adds an event to what is known of its item and of all items: the block `item`. */
  addToItem(item: number, time: number, label: number): void {
    let count = this.#items.get(item);
    if (count === undefined) {
      count = new ItemCount();
      this.#items.set(item, count);
    }
    count.add(time, label);
    this.#all.add(time, label);
    for (const column of this.#columns) {
      const end = listEnd(column, item);
      for (let k = listStart(column, item); k < end; k++) this.#categories[column.ids[k]!]!.add(time, label);
    }
  }

  /**
   * Writes the statistics of a user and an item before `time`. Changes nothing. An unknown user or item has none.
   *
   * @param target gets `layout.width` numbers from `offset` on
   * @param itemTime the same for the block `item`. Default: `time`.
   */
  write(user: number, item: number, time: number, target: Float32Array, offset: number, itemTime: number = time): void {
    const record = this.#users.get(user) ?? NOBODY;
    const { mood, item: ofItem, liking, overlap } = this.#offsets;
    this.#mood.write(record, time, target, offset + mood!);
    this.#writeItem(item, itemTime, target, offset + ofItem!);
    if (liking !== undefined) this.#writeLiking(record, item, time, target, offset + liking);
    if (overlap !== undefined) this.#overlap.write(record, item, time, target, offset + overlap);
  }

  /** A copy. */
  state(): StatisticsState {
    return {
      columns: this.#attributes.categories.map(({ name, names }) => ({ name, names: [...names] })),
      users: Array.from(this.#users, ([user, record]) => [user, record.state()] as const),
      items: Array.from(this.#items, ([item, count]) => [item, count.state()] as const),
      categories: this.#categories.map((count) => count.state()),
      all: this.#all.state(),
    };
  }

  #writeItem(item: number, time: number, target: Float32Array, offset: number): void {
    const known = this.#items.get(item) ?? NOTHING;
    const rateOfAll = smoothed(this.#all.likesBefore(time), this.#all.eventsBefore(time));
    const likeRate = (count: CausalCount) =>
      logitShare(count.likesBefore(time) + PRIOR_EVENTS * rateOfAll, count.eventsBefore(time) + PRIOR_EVENTS);
    target[offset] = likeRate(known.count);
    target[offset + 1] = Math.log1p(known.count.eventsBefore(time));
    target[offset + 2] = Math.log1p(known.latelyBefore(time));
    target[offset + 3] = Math.log1p(known.daysSinceLast(time));
    target[offset + 4] = Math.log1p(known.daysSinceFirst(time));
    const unknown = logitShare(rateOfAll, 1);
    for (let column = 0; column < this.#columns.length; column++) {
      const rate = (category: number) => likeRate(this.#categories[category]!);
      target[offset + 5 + column] = meanOver(this.#columns[column]!, item, rate, unknown);
    }
  }

  #writeLiking(record: UserRecord, item: number, time: number, target: Float32Array, offset: number): void {
    const rate = smoothed(record.count.likesBefore(time), record.count.eventsBefore(time));
    const usual = logitShare(rate, 1);
    const liking = (category: number) => {
      const count = record.categories.get(category);
      if (count === undefined) return 0; // Never met: as much as usual.
      const likes = count.likesBefore(time) + LIKING_PRIOR_EVENTS * rate;
      return logitShare(likes, count.eventsBefore(time) + LIKING_PRIOR_EVENTS) - usual;
    };
    for (let column = 0; column < this.#columns.length; column++) {
      target[offset + column] = meanOver(this.#columns[column]!, item, liking, 0);
    }
  }

  /** Makes the user the most recently active one. */
  #touch(user: number): UserRecord {
    const record = this.#users.get(user) ?? new UserRecord();
    this.#users.delete(user);
    this.#users.set(user, record);
    while (this.#users.size > this.#maxUsers) {
      const [oldest] = this.#users.keys();
      this.#users.delete(oldest!);
    }
    return record;
  }
}

/** A share that is never 0 or 1. */
function smoothed(likes: number, events: number): number {
  return (likes + 1) / (events + 2);
}

/** Mean of a term over the item's categories in a column. @returns `none` if it has none. */
function meanOver(column: Ragged, item: number, term: (category: number) => number, none: number): number {
  const start = listStart(column, item);
  const end = listEnd(column, item);
  if (start === end) return none;
  let sum = 0;
  for (let k = start; k < end; k++) sum += term(column.ids[k]!);
  return sum / (end - start);
}
