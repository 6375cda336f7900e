import { MetricInputError } from './metric-input-error.js';
import { type GroupIndex, readGroups } from './read-input.js';

/** The groups that a bootstrap draws, and those within which a GAUC compares rows. */
export interface ResampledGroups {
  /** Drawn with replacement, such as users. */
  readonly resampled: GroupIndex;
  /** Have an AUC each, such as visits. Each is part of one resampled group. */
  readonly compared: GroupIndex;
  /** `[compared.count]`: the resampled group of each compared one. */
  readonly resampledOf: Uint32Array;
}

/**
 * @param gaucGroups default: `groups`
 * @throws {@link MetricInputError} if an id is not an integer, lengths differ, or the rows of one of `gaucGroups` are
 *   of several `groups`.
 */
export function readResampledGroups(
  where: string,
  { groups, gaucGroups }: { readonly groups: ArrayLike<number>; readonly gaucGroups?: ArrayLike<number> },
  rows: number,
): ResampledGroups {
  const resampled = readGroups(where, 'groups', groups, rows);
  if (gaucGroups === undefined) {
    return { resampled, compared: resampled, resampledOf: Uint32Array.from({ length: resampled.count }, (_, g) => g) };
  }
  const compared = readGroups(where, 'gaucGroups', gaucGroups, rows);
  const resampledOf = new Uint32Array(compared.count);
  const firstRow = new Int32Array(compared.count).fill(-1);
  for (let row = 0; row < rows; row++) {
    const group = compared.ofRow[row]!;
    if (firstRow[group] === -1) {
      firstRow[group] = row;
      resampledOf[group] = resampled.ofRow[row]!;
    } else if (resampledOf[group] !== resampled.ofRow[row]) {
      const expected = `one of groups for all rows of ${gaucGroups[row]} in gaucGroups`;
      throw new MetricInputError(where, expected, `${groups[firstRow[group]!]} and ${groups[row]}`, row);
    }
  }
  return { resampled, compared, resampledOf };
}
