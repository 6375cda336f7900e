import type { Batch } from '@sifaka/data';

/** A user's liked items up to their latest event that was learned from. */
interface Latest {
  readonly time: number;
  /** Most recent first. */
  readonly items: readonly number[];
}

export type LatestHistoriesState = readonly (readonly [user: number, time: number, items: readonly number[]])[];

/**
 * What serving reads as a user's history: that of their latest row in a batch, and the row's own item if they liked it. Exactly as up to date as
 * the model is. Users past `maxUsers` are forgotten, the least recently active first.
 */
export class LatestHistories {
  readonly #length: number;
  readonly #maxUsers: number;
  /** In order of activity: a Map keeps the order in which keys were set. */
  readonly #users: Map<number, Latest>;

  /** @param length items kept of each user */
  constructor({ length, maxUsers }: { length: number; maxUsers: number }, state: LatestHistoriesState = []) {
    this.#length = length;
    this.#maxUsers = maxUsers;
    this.#users = new Map(state.map(([user, time, items]) => [user, { time, items }]));
  }

  /** @param batch rows in time order, as a stream makes them; a history named long begins where the main one ends. */
  remember({ size, users, items, labels, timestamps, history, historyLength, histories }: Batch): void {
    for (let row = 0; row < size; row++) {
      const [user, time] = [users[row]!, timestamps[row]!];
      const before = this.#users.get(user);
      const long = histories['long'];
      const past =
        before?.time === time // Events of one moment do not see each other, but whatever comes later sees them all.
          ? before.items
          : [
              ...rowOf(history, row, historyLength),
              ...(long === undefined ? [] : rowOf(long.items, row, long.length)),
            ].filter((item) => item >= 0);
      const latest = labels[row] === 1 ? [items[row]!, ...past].slice(0, this.#length) : past;
      this.#users.delete(user);
      this.#users.set(user, { time, items: latest });
    }
    for (const user of this.#users.keys()) {
      if (this.#users.size <= this.#maxUsers) break;
      this.#users.delete(user);
    }
  }

  /** Most recent first; empty for a user without a past. */
  of(user: number): readonly number[] {
    return this.#users.get(user)?.items ?? [];
  }

  state(): LatestHistoriesState {
    return Array.from(this.#users, ([user, { time, items }]) => [user, time, items]);
  }
}

function rowOf(values: Int32Array, row: number, length: number): Int32Array {
  return values.subarray(row * length, (row + 1) * length);
}
