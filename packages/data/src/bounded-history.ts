/** A {@link BoundedHistory} as plain data. */
export interface BoundedHistoryState {
  readonly items: readonly number[];
  readonly timestamps: readonly number[];
}

/**
 * The most recent events of one user, in time order. Holds what any history of up to `capacity` places needs from now on: the last `capacity`
 * events before the newest moment and the last `capacity` of that moment, which become history when time moves on. At most
 * `4 · capacity` events before the next trim.
 */
export class BoundedHistory {
  readonly #capacity: number;
  #items: number[];
  #timestamps: number[];

  constructor(capacity: number, { items, timestamps }: BoundedHistoryState = { items: [], timestamps: [] }) {
    this.#capacity = capacity;
    this.#items = [...items];
    this.#timestamps = [...timestamps];
  }

  /** An event of any time; of those of one moment the one inserted last counts as the most recent. */
  insert(item: number, time: number): void {
    if (this.#capacity === 0) return;
    let place = this.#timestamps.length;
    while (place > 0 && this.#timestamps[place - 1]! > time) place--;
    if (place === this.#timestamps.length) {
      this.#items.push(item);
      this.#timestamps.push(time);
    } else {
      this.#items.splice(place, 0, item);
      this.#timestamps.splice(place, 0, time);
    }
    if (this.#items.length >= 4 * this.#capacity) this.#trim();
  }

  /** Writes items before `time`, most recent first, `skip` left out, and −1 in what is left of `length` places. @returns how many. */
  write(time: number, target: Int32Array, offset: number, length: number, skip: number): number {
    let end = this.#timestamps.length;
    while (end > 0 && this.#timestamps[end - 1]! >= time) end--;
    const count = Math.max(0, Math.min(length, end - skip));
    for (let k = 0; k < count; k++) target[offset + k] = this.#items[end - skip - 1 - k]!;
    target.fill(-1, offset + count, offset + length);
    return count;
  }

  /** A copy. */
  state(): BoundedHistoryState {
    this.#trim();
    return { items: [...this.#items], timestamps: [...this.#timestamps] };
  }

  #trim(): void {
    const newest = this.#timestamps.at(-1);
    let tied = this.#timestamps.length;
    while (tied > 0 && this.#timestamps[tied - 1] === newest) tied--;
    const keep = (_: number, place: number) =>
      place < tied ? place >= tied - this.#capacity : place >= this.#items.length - this.#capacity;
    const items = this.#items.filter(keep);
    this.#timestamps = this.#timestamps.filter(keep);
    this.#items = items;
  }
}
