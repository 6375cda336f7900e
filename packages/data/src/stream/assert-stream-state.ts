import { assertHistoryState } from '../history/assert-history-state.js';
import { quoted } from '../rows/quoted.js';
import { StateCheck } from '../rows/state-check.js';
import type { HistoryAsOf } from '../samples/history-as-of.js';
import type { StreamState } from './stream-state.js';
import type { HistoryCapacities } from './user-histories.js';

/**
 * Checks a state that may have been through a file: that every number is one, ids are in their lists, times are in
 * order, and the counts agree.
 *
 * @param needed where the stream's histories end, the number of events per user that they need, and whether there are
 *   statistics, whose own state is not checked here
 * @throws RangeError naming the field.
 */
export function assertStreamState(
  where: string,
  state: StreamState,
  {
    capacities: needed,
    historyAsOf,
    statistics,
  }: { readonly capacities: HistoryCapacities; readonly historyAsOf: HistoryAsOf; readonly statistics: boolean },
): void {
  const check = new StateCheck(where);
  check.object('state', state);
  if (state.format !== 4) throw new RangeError(`${where}: expected a state of format 4, got ${quoted(state.format)}`);
  if (state.historyAsOf !== historyAsOf) {
    const expected = `a state with historyAsOf ${historyAsOf}, as in the options`;
    throw new RangeError(`${where}: expected ${expected}, got ${quoted(state.historyAsOf)}`);
  }
  if ((state.statistics === null) === statistics) {
    const expected = `a state ${statistics ? 'with' : 'without'} statistics, as in the options`;
    throw new RangeError(`${where}: expected ${expected}, got ${quoted(state.statistics)}`);
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
      assertHistoryState(check, `${name}.${kind}`, saved[kind], itemIds.length);
    }
  }
}
