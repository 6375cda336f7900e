import type { HistoryTargets } from './history-options.js';

/** A {@link BoundedHistory} as plain data. */
export interface BoundedHistoryState {
  readonly items: readonly number[];
  /** 1 for a positive event, else 0. */
  readonly labels: readonly number[];
  readonly timestamps: readonly number[];
}

const EMPTY: BoundedHistoryState = { items: [], labels: [], timestamps: [] };

/**
 * The most recent events of one user, in time order. Holds what any history of up to `capacity` places needs from now on: the last `capacity`
 * events before the newest moment and the last `capacity` of that moment, which become history when time moves on. At most
 * `4 · capacity` events before the next trim.
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

  /** An event of any time; of those of one moment the one inserted last counts as the most recent. */
  insert(item: number, time: number, positive: boolean): void {
    if (this.#capacity === 0) return;
    let place = this.#timestamps.length;
    while (place > 0 && this.#timestamps[place - 1]! > time) place--;
    this.#items.splice(place, 0, item);
    this.#labels.splice(place, 0, positive ? 1 : 0);
    this.#timestamps.splice(place, 0, time);
    if (this.#items.length >= 4 * this.#capacity) this.#trim();
  }

  /** Writes items before `time`, most recent first, `skip` left out, and −1 in what is left of `length` places. @returns how many. */
  write(
    time: number,
    target: Int32Array,
    offset: number,
    length: number,
    skip: number,
    { labels }: HistoryTargets = {},
  ): number {
    let end = this.#timestamps.length;
    while (end > 0 && this.#timestamps[end - 1]! >= time) end--;
    const count = Math.max(0, Math.min(length, end - skip));
    for (let k = 0; k < count; k++) target[offset + k] = this.#items[end - skip - 1 - k]!;
    target.fill(-1, offset + count, offset + length);
    if (labels !== undefined) {
      for (let k = 0; k < count; k++) labels[offset + k] = this.#labels[end - skip - 1 - k]!;
      labels.fill(0, offset + count, offset + length);
    }
    return count;
  }

  /** A copy. */
  state(): BoundedHistoryState {
    this.#trim();
    return { items: [...this.#items], labels: [...this.#labels], timestamps: [...this.#timestamps] };
  }

  #trim(): void {
    const newest = this.#timestamps.at(-1);
    const count = this.#timestamps.length;
    let tied = count;
    while (tied > 0 && this.#timestamps[tied - 1] === newest) tied--;
    const keep = (_: number, place: number) =>
      place < tied ? place >= tied - this.#capacity : place >= count - this.#capacity;
    this.#items = this.#items.filter(keep);
    this.#labels = this.#labels.filter(keep);
    this.#timestamps = this.#timestamps.filter(keep);
  }
}
