import type { ReadableBank } from '../bank/readable-bank.js';
import { assertIds } from '../rows/check-ids.js';

/** How many of some ids have a stored vector. */
export interface Coverage {
  /** Ids looked up, repeats included. Padding (−1) is not counted. */
  readonly total: number;
  readonly found: number;
  /** `found / total`; NaN without ids. */
  readonly share: number;
}

/** Coverage of a list of ids; −1 is padding. @throws RangeError if an id is not an integer below 2³¹. */
export function coverageOf(bank: ReadableBank, ids: ArrayLike<number>): Coverage {
  assertIds('coverageOf', ids);
  let total = 0;
  let found = 0;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < 0) continue;
    total++;
    if (bank.has(ids[i]!)) found++;
  }
  return { total, found, share: found / total };
}

/**
 * Coverage of each named sequence. LEMUR's Fig. 3 shows it for current documents and for short and long histories.
 *
 * @param sequences name → item ids of any number of users; −1 is padding
 */
export function coverageBySequence<Name extends string>(
  bank: ReadableBank,
  sequences: Readonly<Record<Name, ArrayLike<number>>>,
): Record<Name, Coverage> {
  const entries = Object.entries<ArrayLike<number>>(sequences).map(([name, ids]) => [name, coverageOf(bank, ids)]);
  return Object.fromEntries(entries) as Record<Name, Coverage>;
}

export interface PopularityCoverageOptions {
  readonly bank: ReadableBank;
  readonly ids: ArrayLike<number>;
  /** Number of training events of each item. */
  readonly counts: ArrayLike<number>;
  /** Share of the items in the head, the most frequent ones. Default 0.1. */
  readonly head?: number;
  /** Share of the items in the middle. The rest is the tail. Default 0.4. */
  readonly middle?: number;
}

export interface PopularityBucket {
  readonly name: 'head' | 'middle' | 'tail';
  /** Over items: each counts once. */
  readonly items: Coverage;
  /** Over events: each item counts by its number of events, as in histories. */
  readonly events: Coverage;
}

/**
 * Coverage of popular, medium and rare items. A bank that is written by training batches favours popular items, which
 * LEMUR names as a limitation. Of two items with equal counts, the smaller id ranks higher.
 *
 * @throws RangeError if there is not one count per id, or if a share is negative or both exceed 1 together.
 */
export function coverageByPopularity(options: PopularityCoverageOptions): PopularityBucket[] {
  const { bank, ids, counts, head = 0.1, middle = 0.4 } = options;
  if (ids.length !== counts.length) {
    throw new RangeError(`coverageByPopularity: expected ${ids.length} counts, got ${counts.length}`);
  }
  if (!(head >= 0 && middle >= 0 && head + middle <= 1)) {
    throw new RangeError(`coverageByPopularity: expected shares of at most 1 together, got ${head} and ${middle}`);
  }
  assertIds('coverageByPopularity', ids);
  const order = Int32Array.from(ids, (_, i) => i).sort((a, b) => counts[b]! - counts[a]! || ids[a]! - ids[b]!);
  const headEnd = Math.round(head * order.length);
  const middleEnd = Math.round((head + middle) * order.length);
  const bucket = (name: PopularityBucket['name'], indices: Int32Array): PopularityBucket => {
    let events = 0;
    let foundEvents = 0;
    let found = 0;
    for (const i of indices) {
      events += counts[i]!;
      if (!bank.has(ids[i]!)) continue;
      found++;
      foundEvents += counts[i]!;
    }
    return {
      name,
      items: { total: indices.length, found, share: found / indices.length },
      events: { total: events, found: foundEvents, share: foundEvents / events },
    };
  };
  return [
    bucket('head', order.subarray(0, headEnd)),
    bucket('middle', order.subarray(headEnd, middleEnd)),
    bucket('tail', order.subarray(middleEnd)),
  ];
}
