/** Lists of ids of different lengths in two arrays: list `i` is `ids[offsets[i] … offsets[i + 1] − 1]`. */
export interface Ragged {
  /** `[lists + 1]`, from 0, never decreasing. The last one is the length of `ids`. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
}

/** Joins lists of ids, in their order. */
export function ragged(lists: readonly ArrayLike<number>[]): Ragged {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i]! + list.length;
  });
  const ids = new Int32Array(offsets[lists.length]!);
  lists.forEach((list, i) => {
    ids.set(list, offsets[i]!);
  });
  return { offsets, ids };
}

/** Position in `ids` where list `i` begins. There is nothing in a list beyond the last one, nor in list −1. */
export function listStart({ offsets, ids }: Ragged, i: number): number {
  return offsets[i] ?? ids.length;
}

/** Position in `ids` after the end of list `i`. */
export function listEnd({ offsets, ids }: Ragged, i: number): number {
  return (i < 0 ? undefined : offsets[i + 1]) ?? ids.length;
}

/**
 * Checks that the offsets fit, and that each list holds ascending ids below a bound.
 *
 * @param name of the lists, such as `words`
 * @throws RangeError naming the list.
 */
export function assertRagged(
  where: string,
  name: string,
  { offsets, ids }: Ragged,
  expected: { readonly lists: number; readonly bound: number },
): void {
  const { lists, bound } = expected;
  if (offsets.length !== lists + 1) {
    throw new RangeError(`${where}: expected ${name} of ${lists} items, got ${offsets.length - 1}`);
  }
  if (offsets[0] !== 0 || offsets[lists] !== ids.length) {
    const got = `${offsets[0]} and ${offsets[lists]}`;
    throw new RangeError(`${where}: expected offsets of ${name} from 0 to ${ids.length}, got ${got}`);
  }
  for (let list = 0; list < lists; list++) {
    const [start, end] = [offsets[list]!, offsets[list + 1]!];
    if (end < start || end > ids.length) {
      const expectation = `offsets of ${name} that never decrease, up to ${ids.length}`;
      throw new RangeError(`${where}: expected ${expectation}, got ${end} after ${start}`);
    }
    for (let k = start; k < end; k++) {
      const id = ids[k]!;
      const least = k > start ? ids[k - 1]! + 1 : 0;
      if (id >= least && id < bound) continue;
      const expectation = `ascending ids in [0, ${bound})`;
      throw new RangeError(`${where}: expected ${expectation} in ${name} of item ${list}, got ${id} at ${k - start}`);
    }
  }
}
