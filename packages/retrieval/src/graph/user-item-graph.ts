import { SparseMatrix } from '@sifaka/nn';

/** Edges between users and items. */
export interface Edges {
  /** `[E]` */
  readonly users: ArrayLike<number>;
  /** `[E]` */
  readonly items: ArrayLike<number>;
}

/**
 * LightGCN's graph of users and items: `D^−½ A D^−½` (arXiv 2002.02126, Eq. 7 and 8), where `A` links each user with
 * its items and `D` has the degrees of these edges. Nodes are the users, then the items. A node without an edge has an
 * empty row.
 *
 * @param edges each at most once
 * @returns `[users + items, users + items]`, symmetric, owned by the caller.
 */
export function userItemGraph(numUsers: number, numItems: number, { users, items }: Edges): SparseMatrix {
  const { ofUser, ofItem } = degrees(numUsers, numItems, { users, items });
  const count = users.length;
  const rows = new Int32Array(2 * count);
  const columns = new Int32Array(2 * count);
  const values = new Float32Array(2 * count);
  for (let e = 0; e < count; e++) {
    const user = users[e]!;
    const item = items[e]!;
    rows[e] = columns[count + e] = user;
    columns[e] = rows[count + e] = numUsers + item;
    values[e] = values[count + e] = 1 / Math.sqrt(ofUser[user]! * ofItem[item]!);
  }
  const nodes = numUsers + numItems;
  return new SparseMatrix({ shape: [nodes, nodes], rows, columns, values, symmetric: true });
}

/** Numbers of edges of each user and of each item. */
export function degrees(
  numUsers: number,
  numItems: number,
  { users, items }: Edges,
): { readonly ofUser: Int32Array; readonly ofItem: Int32Array } {
  const ofUser = new Int32Array(numUsers);
  const ofItem = new Int32Array(numItems);
  for (let e = 0; e < users.length; e++) {
    ofUser[users[e]!]!++;
    ofItem[items[e]!]!++;
  }
  return { ofUser, ofItem };
}
