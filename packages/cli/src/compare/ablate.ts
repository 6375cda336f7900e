import path from 'node:path';
import { removeUnfinished } from '@sifaka/encoders/node';
import { withFolderLock } from '../run/folder-lock.js';
import { assertOwnFigures } from '../run/owned-files.js';
import { assertFewSkipped } from '../run/skipped-steps.js';
import { type AblateRowsOptions, ablateRows } from './ablate-rows.js';
import type { AblationRow } from './ablation-row.js';
import { blankModels, withControls } from './controls.js';
import { assertDistinctFolders } from './run-folder-name.js';

export interface AblateOptions extends Omit<AblateRowsOptions, 'headings' | 'beside' | 'model'> {
  /**
   * Trains every row that reads contents again on permuted ones, the whole model and the baseline row on blank ones
   * too, and shows what the contents bring. Doubles the time. Default true.
   */
  readonly controls?: boolean;
  /** Holds a folder `ROW-seed-SEED` for each run, and `ablation.json`. */
  readonly output: string;
}

/**
 * Trains every row at every seed, and shows the effect and cost of each part next to the paper's figures. Differences
 * are those of the mean GAUC over seeds: by visit if histories end where visits begin, otherwise by user.
 *
 * @returns false if it was interrupted.
 * @throws RangeError if two runs would share a folder, or there is none; UsageError at the end if one skipped too
 *   many steps; otherwise see `runModel`.
 */
export async function ablate(options: AblateOptions): Promise<boolean> {
  const file = path.join(options.output, 'ablation.json');
  const rows = rowsOf(options);
  assertDistinctFolders(
    'ablate',
    rows.map(({ name }) => name),
    options.seeds,
  );
  return withFolderLock(options.output, async () => {
    await removeUnfinished(options.output);
    await assertOwnFigures(file);
    const compared = await ablateRows(file, { ...options, rows });
    if (compared === undefined) return false;
    assertFewSkipped(compared.flatMap(({ runs }) => runs));
    return true;
  });
}

/** The rows, followed by their controls, which no paper has. */
function rowsOf({ rows, seeds, baseline, whole, data, controls = true }: AblateOptions): readonly AblationRow[] {
  const [seed] = seeds;
  if (!controls || seed === undefined) return rows;
  const optionsOf = ({ options }: AblationRow) => options({ seed, data });
  const blank = blankModels(
    rows.filter(({ name }) => name === whole || name === baseline),
    optionsOf,
  );
  return withControls(rows, { readsContent: (row) => optionsOf(row).content !== undefined, blank }).map((row) =>
    row.control === undefined ? row : { ...row, table: null, paper: null },
  );
}
