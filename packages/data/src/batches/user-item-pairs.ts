import { partitionPoint } from '../history/partition-point.js';

export interface UserItemColumns {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly numItems: number;
}

/** The pairs of a user and an item that have an event. A look-up takes O(log N). */
export class UserItemPairs {
  readonly #numItems: number;
  /** `user · numItems + item` of every event, ascending. */
  readonly #pairs: Float64Array;

  constructor({ users, items, numItems }: UserItemColumns) {
    this.#numItems = numItems;
    this.#pairs = Float64Array.from(users, (user, event) => user * numItems + items[event]!).sort();
  }

  /** Index of the pair, below the number of events; −1 if it has no event. */
  indexOf(user: number, item: number): number {
    const pair = user * this.#numItems + item;
    const index = partitionPoint(0, this.#pairs.length, (at) => this.#pairs[at]! < pair);
    return this.#pairs[index] === pair ? index : -1;
  }
}
