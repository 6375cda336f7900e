import type { HistoryTargets } from './history-options.js';

/** Where one row of a history is written. */
export interface HistoryRow extends HistoryTargets {
  readonly items: Int32Array;
  /** The row is `items[offset … offset + length − 1]`. */
  readonly offset: number;
  readonly length: number;
  /** How many of the most recent events are left out. */
  readonly skip: number;
}

/** Events side by side in time order. */
interface PastEvents {
  readonly items: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** Writes the events at `start … end − 1`, most recent first, as far as the row reaches, and −1 (label 0) in what is left. @returns how many. */
export function writePast(
  past: PastEvents,
  start: number,
  end: number,
  { items, labels, offset, length, skip }: HistoryRow,
): number {
  const last = end - skip - 1;
  const count = Math.max(0, Math.min(length, last + 1 - start));
  for (let k = 0; k < count; k++) items[offset + k] = past.items[last - k]!;
  items.fill(-1, offset + count, offset + length);
  if (labels !== undefined) {
    for (let k = 0; k < count; k++) labels[offset + k] = past.labels[last - k]!;
    labels.fill(0, offset + count, offset + length);
  }
  return count;
}
