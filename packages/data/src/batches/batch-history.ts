import type { HistoryOptions, NamedHistories } from '../history/history-options.js';

/** One history of each sample of a batch, and the options that selected its events. */
export interface BatchHistory extends Required<HistoryOptions> {
  /** `[B, length]`, row by row: dense item ids, most recent first, −1 = none. */
  readonly items: Int32Array;
  /** `[B, length]`: 1 for a liked event, 0 otherwise. All 1 in a full row of liked events. */
  readonly labels: Uint8Array;
  /** `[B]` number of events in each row. */
  readonly lengths: Int32Array;
}

/** The histories of a batch, by name. */
export type BatchHistories = Readonly<Record<string, BatchHistory>>;

/** Histories of `size` rows, to be filled. */
export function emptyHistories(size: number, histories: NamedHistories = {}): BatchHistories {
  return Object.fromEntries(
    Object.entries(histories).map(([name, { length, skip = 0, events = 'positive' }]) => {
      const items = new Int32Array(size * length);
      const labels = new Uint8Array(size * length);
      return [name, { length, skip, events, items, labels, lengths: new Int32Array(size) }];
    }),
  );
}
