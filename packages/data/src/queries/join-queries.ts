import { partitionPoint } from '../history/partition-point.js';
import { quoted } from '../rows/quoted.js';
import type { Samples } from '../samples/samples.js';
import { normalizeQuery } from './normalize-query.js';
import type { QueryLog } from './query-log.js';

export interface JoinQueriesOptions {
  /** How long a query applies, in seconds. Default 86,400, a day. */
  readonly withinSeconds?: number;
  /**
   * `'user'`: the user's most recent query, on any item. `'item'`: the user's most recent query on the sample's own
   * item. Default `'user'`.
   */
  readonly match?: 'user' | 'item';
  /**
   * What a query id identifies. `'text'`: a text, whichever user typed it. `'entry'`: a row of the log, for search logs
   * with one row per submission; a text can then have several ids. Default `'text'`.
   */
  readonly identity?: 'text' | 'entry';
  /**
   * Also accepts the first query typed at or after the event, if there is none before it. This leaks the future and is
   * for comparison only. Default false.
   */
  readonly allowLater?: boolean;
  /** Text that stands in for a missing query, such as {@link recentTexts}. Default: the sample has no query. */
  readonly fallback?: (sample: number) => string | undefined;
}

export interface JoinQueriesOutput {
  /** The samples with `queryIds` and `queries`. */
  readonly samples: Samples;
  /** Number of samples by the origin of their query. */
  readonly counts: {
    readonly fromLog: number;
    /** Part of `fromLog` that was typed at or after the event; 0 without `allowLater`. */
    readonly later: number;
    readonly fromFallback: number;
    readonly without: number;
  };
}

/**
 * Gives each sample the query that applies to it: the user's most recent one with a *strictly* earlier timestamp, not
 * older than `withinSeconds`. A text typed at the time of the event or later, such as a tag on a film just rated, is
 * not a query of that event.
 *
 * Among queries of one timestamp the last by (item, text) applies. Query ids are dense, in the order of their first
 * samples.
 *
 * @throws RangeError if `withinSeconds` is negative, `match` or `identity` is unknown, or the log's columns differ in
 *   length.
 */
export function joinQueries(samples: Samples, log: QueryLog, options: JoinQueriesOptions = {}): JoinQueriesOutput {
  const { withinSeconds = 86_400, match = 'user', identity = 'text', allowLater = false, fallback } = options;
  if (!(withinSeconds >= 0)) {
    throw new RangeError(`joinQueries: expected withinSeconds from 0, got ${withinSeconds}`);
  }
  if ((match !== 'user' && match !== 'item') || (identity !== 'text' && identity !== 'entry')) {
    const got = `${quoted(match)} and ${quoted(identity)}`;
    throw new RangeError(`joinQueries: expected match user or item and identity text or entry, got ${got}`);
  }
  assertColumns(log);
  const keyOf = (user: number, item: number) => (match === 'user' ? user : user * (samples.numItems + 1) + item + 1);
  const entries = entriesByKey(log, keyOf);
  const ids = new Map<string, number>();
  const queries: string[] = [];
  const idOf = (key: string, text: string) => {
    const id = ids.get(key) ?? queries.length;
    if (id === queries.length) {
      ids.set(key, id);
      queries.push(text);
    }
    return id;
  };

  let [fromLog, later, fromFallback] = [0, 0, 0];
  const queryIds = Int32Array.from({ length: samples.length }, (_, sample) => {
    const user = samples.users[sample]!;
    const time = samples.timestamps[sample]!;
    const typed = entries.get(keyOf(user, samples.items[sample]!)) ?? [];
    const next = partitionPoint(0, typed.length, (i) => log.timestamps[typed[i]!]! < time);
    const before = typed[next - 1];
    const after = allowLater ? typed[next] : undefined;
    const entry = [before, after].find((e) => e !== undefined && Math.abs(log.timestamps[e]! - time) <= withinSeconds);
    if (entry !== undefined) {
      fromLog++;
      if (log.timestamps[entry]! >= time) later++;
      const text = normalizeQuery(log.texts[entry]!);
      return idOf(identity === 'text' ? text : `entry ${entry}`, text);
    }
    const text = normalizeQuery(fallback?.(sample) ?? '');
    if (text === '') return -1;
    fromFallback++;
    return idOf(identity === 'text' ? text : `user ${user}: ${text}`, text);
  });
  const without = samples.length - fromLog - fromFallback;
  return { samples: { ...samples, queryIds, queries }, counts: { fromLog, later, fromFallback, without } };
}

function assertColumns({ length, users, items, texts, timestamps }: QueryLog): void {
  for (const [name, column] of Object.entries({ users, items, texts, timestamps })) {
    if (column.length !== length) {
      throw new RangeError(`joinQueries: expected ${length} values in ${name} of the log, got ${column.length}`);
    }
  }
}

/** Rows of the log by key, each list ascending by (timestamp, item, text). Rows with an empty text are left out. */
function entriesByKey(log: QueryLog, keyOf: (user: number, item: number) => number): Map<number, number[]> {
  const { users, items, texts, timestamps } = log;
  const order = Array.from(texts, (_, entry) => entry).filter((entry) => normalizeQuery(texts[entry]!) !== '');
  order.sort((a, b) => {
    const byText = texts[a]! < texts[b]! ? -1 : Number(texts[a]! > texts[b]!);
    return timestamps[a]! - timestamps[b]! || items[a]! - items[b]! || byText;
  });
  const entries = new Map<number, number[]>();
  for (const entry of order) {
    const key = keyOf(users[entry]!, items[entry]!);
    const ofKey = entries.get(key);
    if (ofKey === undefined) entries.set(key, [entry]);
    else ofKey.push(entry);
  }
  return entries;
}
