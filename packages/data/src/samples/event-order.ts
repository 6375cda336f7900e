export interface Events {
  readonly timestamps: Float64Array;
  readonly users: Int32Array;
  readonly items: Int32Array;
}

/** The events' positions sorted by (timestamp, user, item); equal ones stay in the order they came. */
export function eventOrder({ timestamps, users, items }: Events): Int32Array {
  const compare = (a: number, b: number) =>
    timestamps[a]! - timestamps[b]! || users[a]! - users[b]! || items[a]! - items[b]! || a - b;
  const order = new Int32Array(timestamps.length);
  let sorted = true;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (i > 0 && compare(i - 1, i) > 0) sorted = false;
  }
  // The engine's sort takes as long for sorted input, and what readInteractions returns is sorted.
  return sorted ? order : order.sort(compare);
}

/** `source[order[i]]` for every i, where the order has at most as many places as the source. */
export function inOrder<T extends Int32Array | Float32Array | Float64Array>(source: T, order: Int32Array): T {
  const result = source.slice(0, order.length) as T;
  for (let i = 0; i < order.length; i++) result[i] = source[order[i]!]!;
  return result;
}
