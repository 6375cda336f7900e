import { assertNumber, seededRandom } from '@sifaka/nn';
import { degrees, type Edges } from './user-item-graph.js';

export interface PruneOptions {
  readonly numUsers: number;
  readonly numItems: number;
  /** Share of edges that are dropped, in [0, 1). */
  readonly rate: number;
  readonly seed: number;
}

/**
 * FREEDOM's degree-sensitive edge pruning (arXiv 2211.06924, Eq. 6): keeps `⌊(1 − rate) · E⌋` edges, at least one,
 * drawn without replacement with probabilities in proportion to `1 / √(d_u d_i)`. Edges of popular nodes are dropped
 * more often.
 *
 * The edges with the smallest keys `−ln(random) / weight` are such a draw (Efraimidis and Spirakis, 2006).
 *
 * @throws RangeError for a rate outside [0, 1).
 */
export function pruneEdges(edges: Edges, { numUsers, numItems, rate, seed }: PruneOptions): Edges {
  assertNumber('pruneEdges', { rate }, { below: 1 });
  const { ofUser, ofItem } = degrees(numUsers, numItems, edges);
  const random = seededRandom(seed);
  const count = edges.users.length;
  const keys = new Float64Array(count);
  for (let e = 0; e < count; e++) {
    keys[e] = -Math.log(1 - random()) * Math.sqrt(ofUser[edges.users[e]!]! * ofItem[edges.items[e]!]!);
  }
  // In binary, 1 − 0.9 is a little below 0.1: without the margin, 10 edges at rate 0.9 would leave none.
  const kept = Math.min(count, Math.max(1, Math.floor((1 - rate) * count + 1e-9)));
  const order = Uint32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
  const chosen = order.subarray(0, kept).sort();
  return {
    users: Int32Array.from(chosen, (e) => edges.users[e]!),
    items: Int32Array.from(chosen, (e) => edges.items[e]!),
  };
}
