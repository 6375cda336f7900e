import { partitionPoint } from './partition-point.js';
import { type HistoryRow, writeHistory } from './write-history.js';

interface UserEvents {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly labels: Float32Array;
  /** Never decreasing. */
  readonly timestamps: Float64Array;
  readonly numUsers: number;
}

/**
 * The events of all users, grouped by user and in time order: those of user u are at `starts[u] … starts[u + 1] − 1`.
 * Writing a history takes one binary search and one copy, whatever the number of events.
 */
export class HistoryIndex {
  readonly #starts: Int32Array;
  readonly #items: Int32Array;
  readonly #labels: Uint8Array;
  readonly #timestamps: Float64Array;

  /** @param keep selects the events of the index */
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
      const index = next[users[event]!]!++;
      this.#items[index] = items[event]!;
      this.#labels[index] = labels[event]!;
      this.#timestamps[index] = timestamps[event]!;
    }
  }

  /** Writes the user's events before `time`. @returns the number of events written. */
  write(user: number, time: number, row: HistoryRow): number {
    const start = this.#starts[user]!;
    const end = partitionPoint(start, this.#starts[user + 1]!, (event) => this.#timestamps[event]! < time);
    return writeHistory({ items: this.#items, labels: this.#labels }, start, end, row);
  }
}
