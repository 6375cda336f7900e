/** Multipliers of the four lanes: odd numbers from the finalisers of murmur3 (Appleby, 2011) and of xxHash (Collet). */
const LANES = [
  [0xcc9e2d51, 0x1b873593],
  [0x85ebca6b, 0xc2b2ae35],
  [0x9e3779b1, 0x85ebca77],
  [0xc2b2ae3d, 0x27d4eb2f],
] as const;

/**
 * A key of 128 bits, in 32 hexadecimal digits, the same on every machine. It is not for security: four lanes of
 * murmur3's steps, each with its own multipliers. By chance, two of 10⁹ contents share a key with probability 10⁻²¹.
 */
export function contentKey(bytes: Uint8Array): string {
  const words = bytes.length >>> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b, c, d] = [bytes.length, ~bytes.length, 0x2545f491, 0x4f6cdd1d];
  const mix = (word: number) => {
    a = step(a, word, LANES[0]);
    b = step(b, word, LANES[1]);
    c = step(c, word, LANES[2]);
    d = step(d, word, LANES[3]);
  };
  for (let i = 0; i < words; i++) mix(view.getInt32(4 * i, true));
  let rest = 0;
  for (let i = 4 * words; i < bytes.length; i++) rest = (rest << 8) | bytes[i]!;
  mix(rest);
  return [a, b, c, d].map((hash) => finish(hash).toString(16).padStart(8, '0')).join('');
}

function step(hash: number, word: number, [first, second]: readonly [number, number]): number {
  let k = Math.imul(word, first);
  k = Math.imul((k << 15) | (k >>> 17), second);
  const mixed = hash ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
