/** The items of each user. User `u` has `items[starts[u] … starts[u + 1])`, ascending and each once. */
export interface UserItems {
  /** `[users + 1]` */
  readonly starts: Int32Array;
  /** `[interactions]` */
  readonly items: Int32Array;
}

/**
 * Groups interactions by user.
 *
 * @param users `[n]` dense ids below `numUsers`
 * @param items `[n]` dense ids
 */
export function groupByUser(numUsers: number, users: ArrayLike<number>, items: ArrayLike<number>): UserItems {
  const starts = new Int32Array(numUsers + 1);
  for (let i = 0; i < users.length; i++) starts[users[i]! + 1]!++;
  for (let user = 0; user < numUsers; user++) starts[user + 1]! += starts[user]!;
  const next = starts.slice(0, -1);
  const all = new Int32Array(users.length);
  for (let i = 0; i < users.length; i++) all[next[users[i]!]!++] = items[i]!;
  let kept = 0;
  for (let user = 0, from = 0; user < numUsers; user++) {
    const own = all.subarray(from, starts[user + 1]!).sort();
    from = starts[user + 1]!;
    for (let i = 0; i < own.length; i++) {
      const item = own[i]!;
      if (i === 0 || item !== own[i - 1]) all[kept++] = item;
    }
    starts[user + 1] = kept;
  }
  return { starts, items: all.slice(0, kept) };
}

/** The user's items, a view. */
export function itemsOf({ starts, items }: UserItems, user: number): Int32Array {
  return items.subarray(starts[user]!, starts[user + 1]!);
}

/** Whether the user has the item. */
export function hasItem({ starts, items }: UserItems, user: number, item: number): boolean {
  let low = starts[user]!;
  let high = starts[user + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]! < item) low = middle + 1;
    else high = middle;
  }
  return low < starts[user + 1]! && items[low] === item;
}

/** `[interactions]`: the user of each item in {@link UserItems.items}. */
export function usersOf({ starts, items }: UserItems): Int32Array {
  const users = new Int32Array(items.length);
  for (let user = 0; user + 1 < starts.length; user++) users.fill(user, starts[user], starts[user + 1]);
  return users;
}
