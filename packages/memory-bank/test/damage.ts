import { seededRandom } from '@sifaka/nn';

/** Kinds of damage: by a full disk, a failing disk or memory, another program, or a wrong copy. */
const KINDS = ['cut', 'bit', 'bits', 'zeros', 'noise', 'swap', 'foreign', 'longer'] as const;

export interface Damage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Damages a copy of a file; the same for the same seed. Half of the damages are in the first 16 KiB, which hold the
 * heads of most formats.
 *
 * @param seed the kinds of damage take turns
 */
export function damage(original: Uint8Array, seed: number): Damage {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const kind = KINDS[seed % KINDS.length]!;
  const bytes = Uint8Array.from(original);
  const area = random() < 0.5 ? Math.min(16_384, bytes.length) : bytes.length;
  const at = below(area);
  const name = `${kind} at ${at}, seed ${seed}`;
  switch (kind) {
    case 'cut':
      return { name, bytes: bytes.subarray(0, at) };
    case 'bit':
      bytes[at]! ^= 1 << below(8);
      return { name, bytes };
    case 'bits':
      for (let i = 0; i < 16; i++) bytes[below(area)]! ^= 1 << below(8);
      return { name, bytes };
    case 'zeros':
      return { name, bytes: bytes.fill(0, at, at + 512) };
    case 'noise':
      return { name, bytes: bytes.map((byte, i) => (i >= at && i < at + 64 ? below(256) : byte)) };
    case 'swap': {
      const [one, other] = [at, below(bytes.length)].map((byte) => Math.floor(byte / 4096) * 4096) as [number, number];
      const kept = bytes.slice(one, one + 4096);
      bytes.copyWithin(one, other, other + 4096);
      bytes.set(kept.subarray(0, bytes.length - other), other);
      return { name, bytes };
    }
    case 'foreign':
      return { name, bytes: bytes.map(() => below(256)) };
    case 'longer':
      return { name, bytes: Uint8Array.from([...bytes, ...Array.from({ length: at }, () => below(256))]) };
    default:
      return kind satisfies never;
  }
}
