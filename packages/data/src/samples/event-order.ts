export interface Events {
  readonly timestamps: Float64Array;
  readonly users: Int32Array;
  readonly items: Int32Array;
}

/** Positions of the events, sorted by (timestamp, user, item). The sort is stable. */
export function eventOrder({ timestamps, users, items }: Events): Int32Array {
  const compare = (a: number, b: number) =>
    timestamps[a]! - timestamps[b]! || users[a]! - users[b]! || items[a]! - items[b]! || a - b;
  return sortedPositions(timestamps.length, compare);
}

/**
 * Positions of events in time order, sorted by (start of the visit, user). The sort is stable, so the events of a visit
 * stay in time order.
 */
export function visitOrder({ starts, users }: { starts: Float64Array; users: Int32Array }): Int32Array {
  return sortedPositions(starts.length, (a, b) => starts[a]! - starts[b]! || users[a]! - users[b]! || a - b);
}

function sortedPositions(length: number, compare: (a: number, b: number) => number): Int32Array {
  const order = new Int32Array(length);
  let sorted = true;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (i > 0 && compare(i - 1, i) > 0) sorted = false;
  }
  // Interactions are usually sorted already, and the built-in sort is no faster for sorted input.
  return sorted ? order : order.sort(compare);
}

/** `source[order[i]]` for every i. The order is at most as long as the source. */
export function inOrder<T extends Int32Array | Float64Array>(source: T, order: Int32Array): T {
  const result = source.slice(0, order.length) as T;
  for (let i = 0; i < order.length; i++) result[i] = source[order[i]!]!;
  return result;
}
