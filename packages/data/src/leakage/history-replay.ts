import type { HistoryEvents, HistoryOptions } from '../history/history-options.js';

/** One row of a history, to be checked. */
export interface GivenHistory {
  /** The row is `items[offset … offset + options.length − 1]`. */
  readonly items: Int32Array;
  /** At the same positions: 1 for a liked event, 0 otherwise. */
  readonly labels: Uint8Array;
  readonly offset: number;
  /** Number of events that the row claims to hold. */
  readonly count: number;
  readonly options: HistoryOptions;
  /** For messages, such as `history liked of sample 3`. */
  readonly title: string;
}

interface UserEvents {
  readonly items: number[];
  readonly labels: number[];
  readonly timestamps: number[];
}

/**
 * Recomputes histories by replaying events one by one in time order. Leakage assertions compare the given histories
 * with these. It shares no code with the code that it checks.
 */
export class HistoryReplay {
  readonly #users: Record<HistoryEvents, Map<number, UserEvents>> = { positive: new Map(), all: new Map() };

  /** @param time not before the time of the previous event */
  add(user: number, item: number, time: number, positive: boolean): void {
    for (const kind of positive ? (['positive', 'all'] as const) : (['all'] as const)) {
      const known = this.#users[kind].get(user) ?? { items: [], labels: [], timestamps: [] };
      known.items.push(item);
      known.labels.push(positive ? 1 : 0);
      known.timestamps.push(time);
      this.#users[kind].set(user, known);
    }
  }

  /** Compares a history with the user's events before `time`. @returns the first problem, or undefined. */
  findProblem(
    user: number,
    time: number,
    { items: givenItems, labels: givenLabels, offset, count, options, title }: GivenHistory,
  ): string | undefined {
    const { length, skip = 0, events = 'positive' } = options;
    const { items, labels, timestamps } = this.#users[events].get(user) ?? { items: [], labels: [], timestamps: [] };
    let end = items.length;
    while (end > 0 && timestamps[end - 1]! >= time) end--; // events of the same timestamp are not before it
    end = Math.max(0, end - skip);
    const expected = Math.min(length, end);
    if (count !== expected) return `expected ${expected} items in the ${title}, got ${count}`;
    for (let k = 0; k < length; k++) {
      const item = k < expected ? items[end - 1 - k]! : -1;
      if (givenItems[offset + k] !== item) {
        return `expected item ${item} at position ${k} of the ${title}, got ${givenItems[offset + k]}`;
      }
      const label = k < expected ? labels[end - 1 - k]! : 0;
      if (givenLabels[offset + k] !== label) {
        return `expected label ${label} at position ${k} of the ${title}, got ${givenLabels[offset + k]}`;
      }
    }
    return undefined;
  }
}
