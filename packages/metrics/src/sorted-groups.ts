import type { GroupIndex } from './read-input.js';

/** Rows sorted by group, and within a group ascending by score. Ties keep the order of the rows. */
export interface SortedGroups {
  readonly count: number;
  /** `[rows]`; group `g` has `rows[starts[g] … starts[g + 1])`. */
  readonly rows: Uint32Array;
  /** `[count + 1]` */
  readonly starts: Uint32Array;
}

/** Row numbers, ascending by score. Ties keep the order of the rows. */
export function ascendingOrder(scores: Float64Array): Uint32Array {
  const rows = new Uint32Array(scores.length);
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  // Compares instead of subtracting: ∞ − ∞ is NaN.
  return rows.sort((i, j) => (scores[i]! < scores[j]! ? -1 : scores[i]! > scores[j]! ? 1 : 0));
}

/** Sorts all rows once, then distributes them to their groups in a stable pass. */
export function sortWithinGroups(scores: Float64Array, groups: GroupIndex): SortedGroups {
  const starts = new Uint32Array(groups.count + 1);
  for (const group of groups.ofRow) starts[group + 1]!++;
  for (let g = 0; g < groups.count; g++) starts[g + 1]! += starts[g]!;
  const next = starts.slice();
  const rows = new Uint32Array(scores.length);
  for (const row of ascendingOrder(scores)) rows[next[groups.ofRow[row]!]!++] = row;
  return { count: groups.count, rows, starts };
}
