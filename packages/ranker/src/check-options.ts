/**
 * Checks the tag of a tagged union, for callers without a compiler.
 *
 * @param where module and option, for the message: `'RankMixer: feedForward'`.
 * @throws RangeError listing the kinds that exist.
 */
export function assertKind<Kind extends string>(
  where: string,
  option: { readonly kind: Kind },
  kinds: readonly Kind[],
): void {
  if (kinds.includes(option.kind)) return;
  const names = kinds.map((kind) => `'${kind}'`).join(' or ');
  throw new RangeError(`${where}: expected kind ${names}, got '${option.kind}'`);
}

/** @throws RangeError if the option is not a whole number from `least` to `most`. */
export function assertCount(
  where: string,
  name: string,
  value: number,
  { least = 1, most = Number.POSITIVE_INFINITY }: { readonly least?: number; readonly most?: number } = {},
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`${where}: expected ${name} to be a whole number ${range}, got ${value}`);
}

/** @throws RangeError if the option is not a number from 0 to `most`. */
export function assertAmount(where: string, name: string, value: number, most: number = Number.MAX_VALUE): void {
  if (value >= 0 && value <= most) return;
  const range = most === Number.MAX_VALUE ? 'a number from 0' : `a number from 0 to ${most}`;
  throw new RangeError(`${where}: expected ${name} to be ${range}, got ${value}`);
}

/** @throws RangeError if the number of heads is not a divisor of the width. */
export function assertHeads(where: string, widthName: string, width: number, heads: number): void {
  if (Number.isInteger(heads) && heads > 0 && width % heads === 0) return;
  throw new RangeError(`${where}: expected heads to divide ${widthName} ${width}, got ${heads}`);
}

/** @throws RangeError if the seed is not a whole number. All others would draw the weights of the seed 0. */
export function assertSeed(where: string, seed: number): void {
  if (Number.isSafeInteger(seed)) return;
  throw new RangeError(`${where}: expected seed to be a whole number, got ${seed}`);
}
