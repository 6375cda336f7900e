import { type HistoryRow, writePast } from './write-past.js';

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

  /** Writes what was before `time`. @returns how many. */
  write(time: number, row: HistoryRow): number {
    let end = this.#timestamps.length;
    while (end > 0 && this.#timestamps[end - 1]! >= time) end--;
    return writePast({ items: this.#items, labels: this.#labels }, 0, end, row);
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
