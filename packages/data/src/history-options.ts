/** Which of a user's past events stand in a history. */
export interface HistorySelection {
  /** How many of the most recent events are left out: with the length of a shorter history, this one begins where that ends. Default 0. */
  readonly skip?: number;
  /** `'positive'`: what the user liked. `'all'`: whatever they met, liked or not. Default `'positive'`. */
  readonly events?: HistoryEvents;
}

export type HistoryEvents = 'positive' | 'all';

/** Where {@link Samples.history} writes beside the item ids. */
export interface HistoryTargets {
  /** At the places of the item ids: 1 where the event was positive, else 0, and 0 in what is left of the places. */
  readonly labels?: Uint8Array;
}

/** One of several histories of a sample. */
export interface HistoryOptions extends HistorySelection {
  /** Places; −1 fills what is left. */
  readonly length: number;
}

/** Histories by name: `{ short: { length: 50 }, long: { length: 950, skip: 50 } }`. */
export type NamedHistories = Readonly<Record<string, HistoryOptions>>;

/** @throws RangeError if a length or skip is not a whole number, or the events are of no known kind. */
export function assertHistoryOptions(where: string, histories: NamedHistories): void {
  for (const [name, { length, skip = 0, events = 'positive' }] of Object.entries(histories)) {
    for (const [field, value] of Object.entries({ length, skip })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(
          `${where}: expected ${field} of history ${JSON.stringify(name)} to be a whole number from 0, got ${value}`,
        );
      }
    }
    if (events !== 'positive' && events !== 'all') {
      throw new RangeError(
        `${where}: expected events of history ${JSON.stringify(name)} to be positive or all, got ${String(events)}`,
      );
    }
  }
}
