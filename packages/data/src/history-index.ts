import { type HistoryRow, writePast } from './write-past.js';

interface UserEvents {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly labels: Float32Array;
  /** Never decreasing. */
  readonly timestamps: Float64Array;
  readonly numUsers: number;
}

/**
 * Each user's events side by side in time order: user u's are at `starts[u] … starts[u + 1] − 1`. A history is then a binary search and one
 * run of copies, however long the log is.
 */
export class HistoryIndex {
  readonly #starts: Int32Array;
  readonly #items: Int32Array;
  readonly #labels: Uint8Array;
  readonly #timestamps: Float64Array;

  /** @param keep which events are in it. */
  constructor({ users, items, labels, timestamps, numUsers }: UserEvents, keep: (event: number) => boolean) {
    this.#starts = new Int32Array(numUsers + 1);
    for (let event = 0; event < users.length; event++) if (keep(event)) this.#starts[users[event]! + 1]!++;
    for (let user = 0; user < numUsers; user++) this.#starts[user + 1]! += this.#starts[user]!;
    const kept = this.#starts[numUsers]!;
    this.#items = new Int32Array(kept);
    this.#labels = new Uint8Array(kept);
    this.#timestamps = new Float64Array(kept);
    const next = this.#starts.slice();
    for (let event = 0; event < users.length; event++) {
      if (!keep(event)) continue;
      const place = next[users[event]!]!++;
      this.#items[place] = items[event]!;
      this.#labels[place] = labels[event]!;
      this.#timestamps[place] = timestamps[event]!;
    }
  }

  /** Writes what the user had met before `time`. @returns how many. */
  write(user: number, time: number, row: HistoryRow): number {
    const start = this.#starts[user]!;
    const end = this.#firstNotBefore(time, start, this.#starts[user + 1]!);
    return writePast({ items: this.#items, labels: this.#labels }, start, end, row);
  }

  /** First place in [low, high) whose timestamp is not before `time`, else `high`. */
  #firstNotBefore(time: number, low: number, high: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timestamps[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
