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
