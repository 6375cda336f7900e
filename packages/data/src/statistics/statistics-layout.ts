import type { ItemAttributes } from '../attributes/item-attributes.js';

/** Names of the blocks, in their order. */
export type StatisticsBlockName = 'mood' | 'item' | 'liking' | 'overlap';

/** Neighbouring columns on one subject. */
export interface StatisticsBlock {
  readonly name: StatisticsBlockName;
  /** The first column. */
  readonly offset: number;
  readonly width: number;
}

/** Which statistics a sample has. */
export interface StatisticsLayout {
  /** Number of columns. */
  readonly width: number;
  /** `[width]` names of the columns, such as `mood.last10`. */
  readonly names: readonly string[];
  readonly blocks: readonly StatisticsBlock[];
}

/**
 * The statistics of data with these attributes. Without categories there is no block `liking`; with neither words nor
 * categories that count in an overlap there is no block `overlap`.
 */
export function statisticsLayout({ categories, words }: ItemAttributes): StatisticsLayout {
  const overlaps =
    words.ids.length > 0 || categories.some(({ names, inOverlap = true }) => inOverlap && names.length > 0);
  const columns: Readonly<Record<StatisticsBlockName, readonly string[]>> = {
    mood: ['last50', 'last10', 'last3', 'decayed', 'events'],
    item: ['likeRate', 'events', 'eventsLately', 'sinceLast', 'sinceFirst', ...categories.map(({ name }) => name)],
    liking: categories.map(({ name }) => name),
    overlap: overlaps
      ? ['any', 'wordsMost', 'wordsLast', 'wordsMean', 'categoriesMost', 'categoriesLast', 'categoriesMean']
      : [],
  };
  const names: string[] = [];
  const blocks: StatisticsBlock[] = [];
  for (const name of ['mood', 'item', 'liking', 'overlap'] as const) {
    if (columns[name].length === 0) continue;
    blocks.push({ name, offset: names.length, width: columns[name].length });
    names.push(...columns[name].map((column) => `${name}.${column}`));
  }
  return { width: names.length, names, blocks };
}
