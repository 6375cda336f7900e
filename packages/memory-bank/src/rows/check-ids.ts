/** Largest id and largest step or version: they are stored in 32 bits. */
export const LARGEST_INT: number = 2 ** 31 - 1;

/**
 * Checks ids before a look-up. A fraction or NaN would be rounded by some stores, and read as another item. The
 * elements of an Int32Array need no check, so a look-up of millions of ids costs nothing here.
 *
 * @param ids negative integers are padding
 * @throws RangeError that names the first id that is not an integer below 2³¹.
 */
export function assertIds(where: string, ids: ArrayLike<number>): void {
  if (ids instanceof Int32Array) return;
  for (let i = 0; i < ids.length; i++) {
    if ((ids[i]! | 0) !== ids[i]) throw new RangeError(`${where}: expected ids below 2³¹, got ${ids[i]} at ${i}`);
  }
}

/** As {@link assertIds}, for one id. */
export function assertId(where: string, id: number): void {
  if ((id | 0) !== id) throw new RangeError(`${where}: expected an id below 2³¹, got ${id}`);
}

/** @throws RangeError if a number of rows is not a positive integer. */
export function assertBatch(where: string, batch: number): void {
  if (!(Number.isInteger(batch) && batch > 0))
    throw new RangeError(`${where}: expected a positive batch, got ${batch}`);
}
