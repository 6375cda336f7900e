import type { CategoryColumn } from '../attributes/category-column.js';
import { assertHistoryState } from '../history/assert-history-state.js';
import { StateCheck } from '../rows/state-check.js';
import type { CausalCountState } from './causal-count.js';
import type { StatisticsState } from './statistics-tracker.js';

/** Ids of users and items are below this: dense ids are 32 bits. */
const IDS = 2 ** 31;

/**
 * Checks a state that may have been through a file: that it is of the same categories, that counts and times
 * are numbers, and that ids are in range and distinct.
 *
 * @throws RangeError naming the field.
 */
export function assertStatisticsState(
  where: string,
  state: StatisticsState,
  columns: readonly Pick<CategoryColumn, 'name' | 'names'>[],
): void {
  const check = new StateCheck(where);
  check.object('statistics', state);
  for (const name of ['columns', 'users', 'items', 'categories'] as const) {
    check.array(`statistics.${name}`, state[name]);
  }
  const kinds = (of: typeof columns) => JSON.stringify(of.map(({ name, names }) => [name, names]));
  for (const [i, column] of state.columns.entries()) check.object(`statistics.columns[${i}]`, column);
  if (kinds(state.columns) !== kinds(columns)) {
    check.fail('statistics.columns', 'the category columns of the attributes', 'others');
  }
  const numCategories = columns.reduce((sum, { names }) => sum + names.length, 0);
  if (state.categories.length !== numCategories) {
    check.fail('statistics.categories', `${numCategories} counts`, state.categories.length);
  }
  for (const [i, count] of state.categories.entries()) assertCount(check, `statistics.categories[${i}]`, count);
  assertCount(check, 'statistics.all', state.all);
  eachEntry(check, 'statistics.items', state.items, IDS, (name, item) => {
    check.object(name, item);
    assertCount(check, `${name}.count`, item.count);
    const first = check.time(`${name}.first`, item.first, Number.NEGATIVE_INFINITY);
    if (item.previous !== null) check.time(`${name}.previous`, item.previous, first);
    check.time(`${name}.lately`, item.lately, 0);
  });
  eachEntry(check, 'statistics.users', state.users, IDS, (name, user) => {
    check.object(name, user);
    for (const kind of ['recent', 'liked'] as const) assertHistoryState(check, `${name}.${kind}`, user[kind], IDS);
    assertCount(check, `${name}.count`, user.count);
    check.array(`${name}.categories`, user.categories);
    eachEntry(check, `${name}.categories`, user.categories, numCategories, (at, count) => {
      assertCount(check, at, count);
    });
  });
}

/** Checks pairs of an id and something of it. */
function eachEntry<Value>(
  check: StateCheck,
  name: string,
  entries: readonly (readonly [id: number, value: Value])[],
  bound: number,
  assert: (name: string, value: Value) => void,
): void {
  const seen = new Set<number>();
  for (const [i, entry] of entries.entries()) {
    check.array(`${name}[${i}]`, entry);
    const [id, value] = entry;
    check.below(`${name}[${i}][0]`, id, bound);
    if (seen.has(id)) check.fail(`${name}[${i}][0]`, 'a new id', id);
    seen.add(id);
    assert(`${name}[${i}][1]`, value);
  }
}

function assertCount(check: StateCheck, name: string, count: CausalCountState): void {
  check.object(name, count);
  if (count.newest !== null) check.time(`${name}.newest`, count.newest, Number.NEGATIVE_INFINITY);
  for (const [likes, events] of [
    ['likes', 'events'],
    ['newLikes', 'newEvents'],
  ] as const) {
    check.whole(`${name}.${events}`, count[events]);
    check.whole(`${name}.${likes}`, count[likes]);
    if (count[likes] > count[events]) check.fail(`${name}.${likes}`, `at most ${count[events]}`, count[likes]);
  }
}
