import { quoted } from '../rows/quoted.js';

/** Selects the events of a history. */
export interface HistorySelection {
  /**
   * Number of most recent events to leave out. Set it to the length of a shorter history to begin where that one ends.
   * Default 0.
   */
  readonly skip?: number;
  /** `'positive'`: liked events only. `'all'`: liked and disliked events. Default `'positive'`. */
  readonly events?: HistoryEvents;
}

export type HistoryEvents = 'positive' | 'all';

/** Optional further arrays that {@link Samples.history} fills. */
export interface HistoryTargets {
  /** At the positions of the item ids: 1 for a liked event, 0 for a disliked one and for padding. */
  readonly labels?: Uint8Array;
}

/** One history of a sample. */
export interface HistoryOptions extends HistorySelection {
  /** Maximum number of events. −1 pads a shorter history. */
  readonly length: number;
}

/** Histories by name: `{ short: { length: 50 }, long: { length: 950, skip: 50 } }`. */
export type NamedHistories = Readonly<Record<string, HistoryOptions>>;

/** @throws RangeError if a length or skip is not a whole number, or the kind of events is unknown. */
export function assertHistoryOptions(where: string, histories: NamedHistories): void {
  for (const [name, { length, skip = 0, events = 'positive' }] of Object.entries(histories)) {
    for (const [field, value] of Object.entries({ length, skip })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(
          `${where}: expected ${field} of history ${quoted(name)} to be a whole number from 0, got ${quoted(value)}`,
        );
      }
    }
    if (events !== 'positive' && events !== 'all') {
      throw new RangeError(
        `${where}: expected events of history ${quoted(name)} to be positive or all, got ${quoted(events)}`,
      );
    }
  }
}
