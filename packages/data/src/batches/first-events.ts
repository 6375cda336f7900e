import { partitionPoint } from '../history/partition-point.js';

export interface TimedItems {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly times: Float64Array;
  readonly numItems: number;
}

/** The first time at which each user had an event with each item. A look-up takes O(log N). */
export class FirstEvents {
  readonly #numItems: number;
  /** `user · numItems + item` of every event, ascending. */
  readonly #pairs: Float64Array;
  /** The pair's first time, at the first index of the pair. */
  readonly #times: Float64Array;

  /** @param events in any order */
  constructor({ users, items, times, numItems }: TimedItems) {
    this.#numItems = numItems;
    this.#pairs = Float64Array.from(users, (user, event) => user * numItems + items[event]!).sort();
    this.#times = new Float64Array(users.length).fill(Number.POSITIVE_INFINITY);
    for (const [event, user] of users.entries()) {
      const index = this.#indexOf(user, items[event]!);
      this.#times[index] = Math.min(this.#times[index]!, times[event]!);
    }
  }

  /** Infinity if the user has no event with the item. */
  time(user: number, item: number): number {
    const index = this.#indexOf(user, item);
    return index < 0 ? Number.POSITIVE_INFINITY : this.#times[index]!;
  }

  #indexOf(user: number, item: number): number {
    const pair = user * this.#numItems + item;
    const index = partitionPoint(0, this.#pairs.length, (at) => this.#pairs[at]! < pair);
    return this.#pairs[index] === pair ? index : -1;
  }
}
