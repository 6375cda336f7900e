import { quoted } from '../rows/quoted.js';
import { type Ragged, ragged } from './ragged.js';

/** Categories of one kind, such as genres: any number for each item. */
export interface CategoryColumn {
  readonly name: string;
  /** Category id → name. */
  readonly names: readonly string[];
  /** The category ids of each item, ascending and distinct. */
  readonly ofItem: Ragged;
  /**
   * Whether the overlap of two items counts these categories. Set it to false for a column that says little of what
   * an item is about, such as its decade. Default true.
   */
  readonly inOverlap?: boolean;
}

/**
 * A column of categories, numbered in the order of their sorted names.
 *
 * @param valuesOfItem the categories of each item. A repeated one counts once, an empty one not at all.
 * @throws RangeError if the name is empty.
 */
export function categoryColumn(
  name: string,
  valuesOfItem: readonly (readonly string[])[],
  { inOverlap = true }: Pick<CategoryColumn, 'inOverlap'> = {},
): CategoryColumn {
  if (typeof name !== 'string' || name === '') {
    throw new RangeError(`categoryColumn: expected a name, got ${quoted(name)}`);
  }
  const names = [...new Set(valuesOfItem.flat())].filter((value) => value !== '').sort();
  const numbers = new Map(names.map((value, id) => [value, id]));
  const ofItem = valuesOfItem.map((values) => {
    const ids = values.filter((value) => value !== '').map((value) => numbers.get(value)!);
    return Int32Array.from(new Set(ids)).sort();
  });
  return { name, names, ofItem: ragged(ofItem), inOverlap };
}

/**
 * The column `decade` with names such as `1990s`. Items without a year are in a category of their own, `unknown`. The
 * overlap does not count this column.
 *
 * @param years one for each item; undefined: unknown
 * @throws RangeError if a year is not a whole number from 0.
 */
export function decadeColumn(years: readonly (number | undefined)[]): CategoryColumn {
  const decades = years.map((year, item) => {
    if (year === undefined) return ['unknown'];
    if (!Number.isSafeInteger(year) || year < 0) {
      throw new RangeError(`decadeColumn: expected whole years from 0, got ${quoted(year)} for item ${item}`);
    }
    return [`${10 * Math.floor(year / 10)}s`];
  });
  return categoryColumn('decade', decades, { inOverlap: false });
}
