import type { StateCheck } from '../rows/state-check.js';
import type { BoundedHistoryState } from './bounded-history.js';

/**
 * Checks the state of a history: columns of one length, known items, labels, and times in order.
 *
 * @param name of the history in the state
 */
export function assertHistoryState(
  check: StateCheck,
  name: string,
  state: BoundedHistoryState,
  numItems: number,
): void {
  check.object(name, state);
  const { items, labels, timestamps } = state;
  for (const [field, column] of Object.entries({ items, labels, timestamps })) {
    check.array(`${name}.${field}`, column);
    if (column.length !== items.length) check.fail(`${name}.${field}`, `${items.length} values`, column.length);
  }
  let last = Number.NEGATIVE_INFINITY;
  for (let event = 0; event < items.length; event++) {
    check.below(`${name}.items[${event}]`, items[event], numItems);
    check.label(`${name}.labels[${event}]`, labels[event]);
    last = check.time(`${name}.timestamps[${event}]`, timestamps[event], last);
  }
}
