import type { ItemAttributes } from '../attributes/item-attributes.js';
import { StateCheck } from '../rows/state-check.js';
import type { HistoryAsOf } from '../samples/history-as-of.js';
import { type StatisticsState, StatisticsTracker } from './statistics-tracker.js';

/** A labelled event with dense ids. */
export interface LabelledEvent {
  readonly user: number;
  readonly item: number;
  /** 1 for a liked event, 0 otherwise. */
  readonly label: number;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** {@link RunningStatistics} as plain data. */
export interface RunningStatisticsState {
  readonly tracker: StatisticsState;
  /** From the visit that has been silent longest. */
  readonly openVisits: readonly (readonly LabelledEvent[])[];
}

export interface RunningStatisticsOptions {
  readonly attributes: ItemAttributes;
  /** As in {@link StatisticsTracker}. */
  readonly maxUsers?: number;
  readonly historyAsOf: HistoryAsOf;
  readonly sessionGapSeconds: number;
}

/**
 * The statistics of events that come in time order, for tables and streams alike. By visits, an event counts for its
 * item when its visit is over, so that no statistic of a visit knows of events in it.
 */
export class RunningStatistics {
  readonly tracker: StatisticsTracker;
  readonly #byVisit: boolean;
  readonly #gap: number;
  /** By user, from the visit that has been silent longest: a Map iterates in the order in which keys were set. */
  readonly #open = new Map<number, LabelledEvent[]>();

  /** @throws RangeError if the attributes or the state are damaged. */
  constructor(options: RunningStatisticsOptions, state?: RunningStatisticsState) {
    const { historyAsOf, sessionGapSeconds } = options;
    if (state !== undefined) assertOpenVisits(state);
    this.tracker = new StatisticsTracker(options, state?.tracker);
    this.#byVisit = historyAsOf === 'visit';
    this.#gap = sessionGapSeconds;
    for (const events of state?.openVisits ?? []) this.#open.set(events[0]!.user, [...events]);
  }

  /**
   * Writes the statistics of an event, and adds it.
   *
   * @param event not earlier than the event before it
   * @param historyEnd where the histories of the event end
   */
  take(event: LabelledEvent, historyEnd: number, target: Float32Array, offset: number): void {
    const { user, item, label, timestamp } = event;
    this.#closeBefore(timestamp - this.#gap);
    this.tracker.write(user, item, historyEnd, target, offset, timestamp);
    if (!this.#byVisit) {
      this.tracker.add(user, item, timestamp, label);
      return;
    }
    this.tracker.addToUser(user, item, historyEnd, label);
    const visit = this.#open.get(user) ?? [];
    visit.push({ user, item, label, timestamp });
    this.#open.delete(user);
    this.#open.set(user, visit);
  }

  /** Adds a late event. @param historyEnd where the histories of the user's latest visit end */
  addLate({ user, item, label, timestamp }: LabelledEvent, historyEnd: number): void {
    this.tracker.addToUser(user, item, Math.min(timestamp, historyEnd), label);
    this.tracker.addToItem(item, timestamp, label);
  }

  /**
   * The statistics of a user with items, `[items, width]`. Changes nothing, so visits that ended since the last event
   * do not count for their items yet.
   *
   * @param historyEnd where the user's histories end
   */
  current(user: number, items: Int32Array, historyEnd: number, now: number): Float32Array {
    const { width } = this.tracker.layout;
    const values = new Float32Array(items.length * width);
    items.forEach((item, i) => {
      this.tracker.write(user, item, historyEnd, values, i * width, now);
    });
    return values;
  }

  /** A copy. */
  state(): RunningStatisticsState {
    return { tracker: this.tracker.state(), openVisits: Array.from(this.#open.values(), (events) => [...events]) };
  }

  /** Adds the events of visits whose last event was before `time`. */
  #closeBefore(time: number): void {
    for (const [user, events] of this.#open) {
      if (events.at(-1)!.timestamp >= time) return;
      for (const { item, label, timestamp } of events) this.tracker.addToItem(item, timestamp, label);
      this.#open.delete(user);
    }
  }
}

function assertOpenVisits({ openVisits }: RunningStatisticsState): void {
  const check = new StateCheck('StatisticsTracker');
  check.array('statistics.openVisits', openVisits);
  for (const [i, visit] of openVisits.entries()) {
    const name = `statistics.openVisits[${i}]`;
    check.array(name, visit);
    if (visit.length === 0) check.fail(name, 'at least one event', 0);
    let last = Number.NEGATIVE_INFINITY;
    for (const [k, event] of visit.entries()) {
      const at = `${name}[${k}]`;
      check.object(at, event);
      check.whole(`${at}.user`, event.user);
      if (event.user !== visit[0]!.user) check.fail(`${at}.user`, 'one user of a visit', event.user);
      check.whole(`${at}.item`, event.item);
      check.label(`${at}.label`, event.label);
      last = check.time(`${at}.timestamp`, event.timestamp, last);
    }
  }
}
