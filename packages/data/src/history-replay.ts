import type { HistoryEvents, HistoryOptions } from './history-options.js';

/** One row of one history. */
export interface GivenHistory {
  /** The row is `items[offset … offset + options.length − 1]`. */
  readonly items: Int32Array;
  /** At the same positions: 1 where the event is positive, 0 otherwise. */
  readonly labels: Uint8Array;
  readonly offset: number;
  /** How many places are said to be filled. */
  readonly count: number;
  readonly options: HistoryOptions;
  /** For messages: `history of sample 3`. */
  readonly title: string;
}

interface Past {
  readonly items: number[];
  readonly labels: number[];
  readonly timestamps: number[];
}

/**
 * What each user had met at a moment, found by replaying events one by one in time order: the second computation that leakage assertions hold
 * histories against. It shares no code with what it checks.
 */
export class HistoryReplay {
  readonly #pasts: Record<HistoryEvents, Map<number, Past>> = { positive: new Map(), all: new Map() };

  /** @param time not before that of the event added last. */
  add(user: number, item: number, time: number, positive: boolean): void {
    for (const kind of positive ? (['positive', 'all'] as const) : (['all'] as const)) {
      const past = this.#pasts[kind].get(user) ?? { items: [], labels: [], timestamps: [] };
      past.items.push(item);
      past.labels.push(positive ? 1 : 0);
      past.timestamps.push(time);
      this.#pasts[kind].set(user, past);
    }
  }

  /** Compares a history with what the user had met before `time`. @returns what is wrong with it, or nothing. */
  findProblem(
    user: number,
    time: number,
    { items: given, labels: told, offset, count, options, title }: GivenHistory,
  ): string | undefined {
    const { length, skip = 0, events = 'positive' } = options;
    const { items, labels, timestamps } = this.#pasts[events].get(user) ?? { items: [], labels: [], timestamps: [] };
    let end = items.length;
    while (end > 0 && timestamps[end - 1]! >= time) end--; // events of the same moment are not before it
    end = Math.max(0, end - skip);
    const expected = Math.min(length, end);
    if (count !== expected) return `expected ${expected} items in the ${title}, got ${count}`;
    for (let k = 0; k < length; k++) {
      const item = k < expected ? items[end - 1 - k]! : -1;
      if (given[offset + k] !== item)
        return `expected item ${item} at place ${k} of the ${title}, got ${given[offset + k]}`;
      const label = k < expected ? labels[end - 1 - k]! : 0;
      if (told[offset + k] !== label)
        return `expected label ${label} at place ${k} of the ${title}, got ${told[offset + k]}`;
    }
    return undefined;
  }
}
