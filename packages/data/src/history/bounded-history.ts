import { type HistoryRow, writeHistory } from './write-history.js';

/** A {@link BoundedHistory} as plain data. */
export interface BoundedHistoryState {
  readonly items: readonly number[];
  /** 1 for a liked event, 0 otherwise. */
  readonly labels: readonly number[];
  readonly timestamps: readonly number[];
}

const EMPTY: BoundedHistoryState = { items: [], labels: [], timestamps: [] };

/**
 * The most recent events of one user, in time order, for histories of up to `capacity` events.
 *
 * It keeps the last `capacity` events before the time at which the user's histories end now, and the last `capacity`
 * from that time on, because the latter are not history yet. It holds at most `4 · capacity` events between trims.
 */
export class BoundedHistory {
  readonly #capacity: number;
  #items: number[];
  #labels: number[];
  #timestamps: number[];

  constructor(capacity: number, { items, labels, timestamps }: BoundedHistoryState = EMPTY) {
    this.#capacity = capacity;
    this.#items = [...items];
    this.#labels = [...labels];
    this.#timestamps = [...timestamps];
  }

  /**
   * Inserts an event of any time. Among events of one timestamp the last inserted is the most recent.
   *
   * @param end the time at which the user's histories end now
   */
  insert(item: number, time: number, positive: boolean, end: number): void {
    if (this.#capacity === 0) return;
    let index = this.#timestamps.length;
    while (index > 0 && this.#timestamps[index - 1]! > time) index--;
    this.#items.splice(index, 0, item);
    this.#labels.splice(index, 0, positive ? 1 : 0);
    this.#timestamps.splice(index, 0, time);
    if (this.#items.length >= 4 * this.#capacity) this.#trim(end);
  }

  /** Writes the events before `time`. @returns the number of events written. */
  write(time: number, row: HistoryRow): number {
    let end = this.#timestamps.length;
    while (end > 0 && this.#timestamps[end - 1]! >= time) end--;
    return writeHistory({ items: this.#items, labels: this.#labels }, 0, end, row);
  }

  /** A copy. @param end the time at which the user's histories end now */
  state(end: number): BoundedHistoryState {
    this.#trim(end);
    return { items: [...this.#items], labels: [...this.#labels], timestamps: [...this.#timestamps] };
  }

  #trim(end: number): void {
    const count = this.#timestamps.length;
    let ended = count; // number of events that are history now
    while (ended > 0 && this.#timestamps[ended - 1]! >= end) ended--;
    const keep = (_: number, index: number) =>
      index < ended ? index >= ended - this.#capacity : index >= count - this.#capacity;
    this.#items = this.#items.filter(keep);
    this.#labels = this.#labels.filter(keep);
    this.#timestamps = this.#timestamps.filter(keep);
  }
}
