import { quoted } from '@sifaka/nn';

/**
 * @param poolings by kind, the default first
 * @throws RangeError listing the kinds if the chosen one is none of them.
 */
export function choosePooling<Kind extends string, Form>(
  where: string,
  poolings: { readonly [K in Kind]?: Form },
  chosen: Kind | undefined,
): { readonly kind: Kind; readonly pooling: Form } {
  const kinds = Object.keys(poolings) as Kind[];
  const kind = chosen ?? kinds[0]!;
  if (kinds.includes(kind)) return { kind, pooling: poolings[kind]! };
  throw new RangeError(`${where}: expected pooling.kind to be one of ${kinds.join(', ')}, got ${quoted(kind)}`);
}
