/** @throws RangeError naming the first value that is not an integer. */
export function assertIntegers(where: string, name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i])) {
      throw new RangeError(`${where}: expected integers in ${name}, got ${values[i]} at index ${i}`);
    }
  }
}

/** @throws RangeError naming the first value other than 0 and 1. */
export function assertFlags(where: string, name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0 && values[i] !== 1) {
      throw new RangeError(`${where}: expected 0 or 1 in ${name}, got ${values[i]} at index ${i}`);
    }
  }
}

/** @throws RangeError if the lengths differ. */
export function assertLength(where: string, name: string, values: ArrayLike<number>, expected: number): void {
  if (values.length === expected) return;
  throw new RangeError(`${where}: expected ${expected} values in ${name}, got ${values.length}`);
}
