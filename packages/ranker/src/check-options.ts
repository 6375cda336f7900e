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
export function assertBetween(where: string, name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${where}: expected ${name} to be a whole number from ${least} to ${most}, got ${value}`);
}

/** @throws RangeError if the number of heads is not a divisor of the width. */
export function assertHeads(where: string, widthName: string, width: number, heads: number): void {
  if (Number.isInteger(heads) && heads > 0 && width % heads === 0) return;
  throw new RangeError(`${where}: expected heads to divide ${widthName} ${width}, got ${heads}`);
}
