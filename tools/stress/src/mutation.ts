const TOKENS = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\0',
  '\ufeff',
  '{',
  '[',
  ']',
  '}',
  '-1',
  '1e999',
  'NaN',
  'null',
  '9'.repeat(20),
  '__proto__',
  '\ud800',
  '[['.repeat(500),
];

/** Changes bytes in one to eight places: flips, cuts, copies, noise, and texts that parsers find hard. */
export function mutation(original: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes = Uint8Array.from(original);
  for (let left = below(2) === 0 ? 1 : 2 + below(7); left > 0; left--) {
    const at = below(bytes.length + 1);
    const length = 1 + below(16);
    const splice = (remove: number, insert: Uint8Array) => {
      bytes = Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove)]);
    };
    switch (below(8)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = [0, 0x7f, 0x80, 0xff][below(4)]!;
        break;
      case 2:
        splice(length, new Uint8Array());
        break;
      case 3:
        splice(0, bytes.slice(at, at + 8 * length));
        break;
      case 4:
        splice(
          0,
          Uint8Array.from({ length }, () => below(256)),
        );
        break;
      case 5:
        splice(below(2) * length, new TextEncoder().encode(TOKENS[below(TOKENS.length)]!));
        break;
      case 6:
        bytes.fill(below(2) * 255, at, at + length);
        break;
      default:
        if (below(4) === 0) bytes = bytes.slice(0, at);
    }
  }
  return bytes;
}
