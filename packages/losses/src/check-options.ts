/** @throws RangeError listing the choices if the value is none of them. */
export function assertChoice<Choice extends string>(
  where: string,
  name: string,
  value: Choice,
  choices: readonly Choice[],
): void {
  if (choices.includes(value)) return;
  const names = choices.map((choice) => `'${choice}'`).join(' or ');
  throw new RangeError(`${where}: expected ${name} to be ${names}, got ${String(value)}`);
}

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
