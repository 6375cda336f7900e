import type { HistoryTargets } from './history-options.js';

/** One row of a history to be written. */
export interface HistoryRow extends HistoryTargets {
  readonly items: Int32Array;
  /** The row is `items[offset … offset + length − 1]`. */
  readonly offset: number;
  readonly length: number;
  /** Number of most recent events to leave out. */
  readonly skip: number;
}

/** Items and labels of events in time order. */
interface OrderedEvents {
  readonly items: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/**
 * Writes the events at `start … end − 1` into the row, most recent first. The rest of the row becomes −1, with label 0.
 *
 * @returns the number of events written.
 */
export function writeHistory(
  events: OrderedEvents,
  start: number,
  end: number,
  { items, labels, offset, length, skip }: HistoryRow,
): number {
  const last = end - skip - 1;
  const count = Math.max(0, Math.min(length, last + 1 - start));
  for (let k = 0; k < count; k++) items[offset + k] = events.items[last - k]!;
  items.fill(-1, offset + count, offset + length);
  if (labels !== undefined) {
    for (let k = 0; k < count; k++) labels[offset + k] = events.labels[last - k]!;
    labels.fill(0, offset + count, offset + length);
  }
  return count;
}
