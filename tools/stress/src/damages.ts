/** Ways to damage a file: a copy of its bytes with the damage, or undefined for a removed file. */
export const DAMAGES: Readonly<
  Record<string, (bytes: Uint8Array, below: (limit: number) => number) => Uint8Array | undefined>
> = {
  bit(bytes, below) {
    const copy = Uint8Array.from(bytes);
    copy[below(copy.length)]! ^= 1 << below(8);
    return copy;
  },
  cut: (bytes, below) => bytes.slice(0, below(bytes.length - 1)),
  empty: () => new Uint8Array(),
  removed: () => undefined,
  foreign: (bytes, below) => bytes.map(() => below(256)),
};
