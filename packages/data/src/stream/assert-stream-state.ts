import { quoted } from '../rows/quoted.js';
import type { HistoryAsOf } from '../samples/history-as-of.js';
import type { StreamState } from './stream-state.js';
import type { HistoryCapacities } from './user-histories.js';

/**
 * Checks a state that may have been through a file: that every number is one, ids are in their lists, times are in
 * order, and the counts agree.
 *
 * @param needed where the stream's histories end, and the number of events per user that they need
 * @throws RangeError naming the field.
 */
export function assertStreamState(
  where: string,
  state: StreamState,
  { capacities: needed, historyAsOf }: { readonly capacities: HistoryCapacities; readonly historyAsOf: HistoryAsOf },
): void {
  const check = new StateCheck(where);
  check.object('state', state);
  if (state.format !== 4) throw new RangeError(`${where}: expected a state of format 4, got ${quoted(state.format)}`);
  if (state.historyAsOf !== historyAsOf) {
    const expected = `a state with historyAsOf ${historyAsOf}, as in the options`;
    throw new RangeError(`${where}: expected ${expected}, got ${quoted(state.historyAsOf)}`);
  }
  for (const name of ['userIds', 'itemIds', 'queries', 'pending'] as const) check.array(name, state[name]);
  for (const name of ['histories', 'counts', 'capacities'] as const) check.object(name, state[name]);
  for (const kind of ['positive', 'all'] as const) {
    check.whole(`capacities.${kind}`, state.capacities[kind]);
    if (state.capacities[kind] < needed[kind]) {
      const expected = `a state that keeps ${needed[kind]} events of each user for ${kind} histories`;
      throw new RangeError(`${where}: expected ${expected}, got ${state.capacities[kind]}`);
    }
  }
  if (state.emittedUntil !== null) check.time('emittedUntil', state.emittedUntil, Number.NEGATIVE_INFINITY);
  assertPending(check, state);
  assertCounts(check, state);
  assertHistories(check, state);
}

function assertPending(check: StateCheck, { pending, emittedUntil, userIds, itemIds, queries }: StreamState): void {
  let last = emittedUntil ?? Number.NEGATIVE_INFINITY;
  for (const [i, event] of pending.entries()) {
    const name = `pending[${i}]`;
    check.object(name, event);
    check.index(`${name}.user`, event.user, userIds);
    check.index(`${name}.item`, event.item, itemIds);
    if (event.query !== -1) check.index(`${name}.query`, event.query, queries);
    check.label(`${name}.label`, event.label);
    last = check.time(`${name}.timestamp`, event.timestamp, last);
  }
}

const COUNTS = ['events', 'samples', 'batches', 'reordered', 'late', 'refused', 'queriesRefused', 'forgottenUsers'];

function assertCounts(check: StateCheck, { counts, pending }: StreamState): void {
  for (const name of COUNTS) check.whole(`counts.${name}`, counts[name as keyof typeof counts]);
  const sum = counts.samples + pending.length + counts.late + counts.refused;
  if (counts.events !== sum)
    check.fail('counts.events', `${sum}, the sum of samples, pending, late and refused`, counts.events);
}

function assertHistories(check: StateCheck, { histories, userIds, itemIds }: StreamState): void {
  check.whole('histories.sessions', histories.sessions);
  check.whole('histories.forgotten', histories.forgotten);
  check.array('histories.users', histories.users);
  const seen = new Set<number>();
  for (const [i, saved] of histories.users.entries()) {
    const name = `histories.users[${i}]`;
    check.object(name, saved);
    check.index(`${name}.user`, saved.user, userIds);
    if (seen.has(saved.user)) check.fail(`${name}.user`, 'distinct users', saved.user);
    seen.add(saved.user);
    const start = check.time(`${name}.visitStart`, saved.visitStart, Number.NEGATIVE_INFINITY);
    check.time(`${name}.lastTime`, saved.lastTime, start);
    check.below(`${name}.session`, saved.session, histories.sessions);
    for (const kind of ['positive', 'all'] as const) {
      const at = `${name}.${kind}`;
      check.object(at, saved[kind]);
      const { items, labels, timestamps } = saved[kind];
      for (const [field, column] of Object.entries({ items, labels, timestamps })) {
        check.array(`${at}.${field}`, column);
        if (column.length !== items.length) check.fail(`${at}.${field}`, `${items.length} values`, column.length);
      }
      let last = Number.NEGATIVE_INFINITY;
      for (let event = 0; event < items.length; event++) {
        check.index(`${at}.items[${event}]`, items[event], itemIds);
        check.label(`${at}.labels[${event}]`, labels[event]);
        last = check.time(`${at}.timestamps[${event}]`, timestamps[event], last);
      }
    }
  }
}

/** Checks fields of a state, by name. */
class StateCheck {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  fail(name: string, expected: string, got: unknown): never {
    throw new RangeError(`${this.#where}: expected ${name} of the state to be ${expected}, got ${quoted(got)}`);
  }

  object(name: string, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(name, 'an object', value);
  }

  array(name: string, value: unknown): void {
    if (!Array.isArray(value)) this.fail(name, 'an array', value);
  }

  whole(name: string, value: unknown): void {
    if (!Number.isSafeInteger(value) || (value as number) < 0) this.fail(name, 'a whole number from 0', value);
  }

  below(name: string, value: unknown, bound: number): void {
    this.whole(name, value);
    if ((value as number) >= bound) this.fail(name, `below ${bound}`, value);
  }

  index(name: string, value: unknown, list: readonly unknown[]): void {
    this.below(name, value, list.length);
  }

  label(name: string, value: unknown): void {
    if (value !== 0 && value !== 1) this.fail(name, '0 or 1', value);
  }

  /** @returns the time. */
  time(name: string, value: unknown, earliest: number): number {
    if (typeof value !== 'number' || !Number.isFinite(value)) this.fail(name, 'a finite number', value);
    if (value < earliest) this.fail(name, `at least ${earliest}`, value);
    return value;
  }
}
