import type { ReadableBank } from '../bank/readable-bank.js';

/** How many of some ids have a stored vector. */
export interface Coverage {
  /** Ids looked up, repeats included. Padding (−1) is not counted. */
  readonly asked: number;
  readonly found: number;
  /** `found / asked`; NaN if there were none. */
  readonly share: number;
}

/** Coverage of a list of ids; −1 is padding. */
export function coverageOf(bank: ReadableBank, ids: ArrayLike<number>): Coverage {
  let asked = 0;
  let found = 0;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < 0) continue;
    asked++;
    if (bank.has(ids[i]!)) found++;
  }
  return { asked, found, share: found / asked };
}

/**
 * Coverage of each sequence by its name, as LEMUR's Fig. 3 has it for current documents and for short and long histories.
 *
 * @param sequences name → item ids of any number of users, −1 for padding.
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
  /** Events of each of these items, in training. */
  readonly counts: ArrayLike<number>;
  /** Share of the items, by falling count, that are the head, and that are the middle; the rest is the tail. Default 0.1 and 0.4. */
  readonly head?: number;
  readonly middle?: number;
}

export interface PopularityBucket {
  readonly name: 'head' | 'middle' | 'tail';
  /** Over items, each once. */
  readonly items: Coverage;
  /** Over their events: what a reader of histories meets. */
  readonly events: Coverage;
}

/**
 * Coverage of popular, middling and rare items: the paper admits that a bank written by training batches favours the popular. Of equal
 * counts the smaller id is the more popular.
 *
 * @throws RangeError if there is not a count for each id, or the shares are not within 0 … 1 together.
 */
export function coverageByPopularity(options: PopularityCoverageOptions): PopularityBucket[] {
  const { bank, ids, counts, head = 0.1, middle = 0.4 } = options;
  if (ids.length !== counts.length) {
    throw new RangeError(`coverageByPopularity: expected ${ids.length} counts, got ${counts.length}`);
  }
  if (!(head >= 0 && middle >= 0 && head + middle <= 1)) {
    throw new RangeError(`coverageByPopularity: expected shares of at most 1 together, got ${head} and ${middle}`);
  }
  const order = Int32Array.from(ids, (_, i) => i).sort((a, b) => counts[b]! - counts[a]! || ids[a]! - ids[b]!);
  const headEnd = Math.round(head * order.length);
  const middleEnd = Math.round((head + middle) * order.length);
  const bucket = (name: PopularityBucket['name'], places: Int32Array): PopularityBucket => {
    let events = 0;
    let foundEvents = 0;
    let found = 0;
    for (const i of places) {
      events += counts[i]!;
      if (!bank.has(ids[i]!)) continue;
      found++;
      foundEvents += counts[i]!;
    }
    return {
      name,
      items: { asked: places.length, found, share: found / places.length },
      events: { asked: events, found: foundEvents, share: foundEvents / events },
    };
  };
  return [
    bucket('head', order.subarray(0, headEnd)),
    bucket('middle', order.subarray(headEnd, middleEnd)),
    bucket('tail', order.subarray(middleEnd)),
  ];
}
