import type { CategoryColumn, Samples, Statistics, StatisticsBlockName } from '@sifaka/data';

/** The features of one sample that are not 0: columns, ascending, and values. */
export class FeatureRow {
  readonly columns: number[] = [];
  readonly values: number[] = [];

  add(column: number, value: number): void {
    if (value === 0) return;
    this.columns.push(column);
    this.values.push(value);
  }

  clear(): void {
    this.columns.length = 0;
    this.values.length = 0;
  }
}

/** Neighbouring features of samples. */
export interface FeatureBlock {
  readonly width: number;
  /** Adds the features of a sample, in the columns from `first` on. */
  write(sample: number, row: FeatureRow, first: number): void;
}

/** One number for each sample. */
export function numberBlock(values: ArrayLike<number>): FeatureBlock {
  return {
    width: 1,
    write: (sample, row, first) => row.add(first, values[sample]!),
  };
}

/** A block of the statistics. @returns undefined if the data have no such block. */
export function statisticsBlock(statistics: Statistics, name: StatisticsBlockName): FeatureBlock | undefined {
  const block = statistics.blocks.find((each) => each.name === name);
  if (block === undefined) return undefined;
  const { offset, width } = block;
  return {
    width,
    write(sample, row, first) {
      const start = sample * statistics.width + offset;
      for (let column = 0; column < width; column++) row.add(first + column, statistics.values[start + column]!);
    },
  };
}

/** Maximum number of categories of one column that are features. */
export const MOST_CATEGORIES = 300;

/**
 * One feature for each category of a column: 1 if the item has it. Of more than 300 categories, those with the most
 * events in train.
 */
export function categoryBlock({ names, ofItem }: CategoryColumn, samples: Samples, train: Int32Array): FeatureBlock {
  const events = new Float64Array(names.length);
  const each = (sample: number, visit: (category: number) => void) => {
    const item = samples.items[sample]!;
    for (let k = ofItem.offsets[item]!; k < ofItem.offsets[item + 1]!; k++) visit(ofItem.ids[k]!);
  };
  for (const sample of train) each(sample, (category) => events[category]!++);
  const byEvents = [...events.keys()].sort((a, b) => events[b]! - events[a]!);
  const kept = byEvents.slice(0, MOST_CATEGORIES).sort((a, b) => a - b);
  const columnOf = new Int32Array(names.length).fill(-1);
  kept.forEach((category, column) => {
    columnOf[category] = column;
  });
  return {
    width: kept.length,
    write(sample, row, first) {
      each(sample, (category) => {
        if (columnOf[category]! >= 0) row.add(first + columnOf[category]!, 1);
      });
    },
  };
}
