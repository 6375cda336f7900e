// The entropy-coded data of a scan. Bits are read from a copy without stuffed zeros, so that eight bytes can be loaded
// at once.

/** Of the last copy, in bytes. */
export let segmentLength: i32 = 0;

/**
 * Copies the scan up to the next marker, without stuffed zeros.
 *
 * @returns the marker's address; 0 if the file ends first.
 */
export function unstuff(from: usize, to: usize, end: usize): usize {
  const start = to;
  while (from + 1 < end) {
    if (from + 16 <= end) {
      const bytes = v128.load(from);
      const mask = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(-1)));
      v128.store(to, bytes);
      if (mask === 0) {
        from += 16;
        to += 16;
        continue;
      }
      const before = ctz(mask);
      from += before;
      to += before;
      if (from + 1 >= end) return 0;
    }
    const byte = load<u8>(from);
    store<u8>(to, byte);
    if (byte !== 255) {
      from++;
      to++;
      continue;
    }
    if (load<u8>(from, 1) !== 0) {
      segmentLength = <i32>(to - start);
      memory.fill(to, 0, 16);
      return from;
    }
    to++;
    from += 2;
  }
  return 0;
}

/** Whether less than a byte of padding is left. */
export function isUsedUp(bit: i32, segmentBits: i32): bool {
  return bit <= segmentBits && segmentBits - bit < 8;
}

/** The 57 bits from this one on, and others. */
export function windowAt(from: usize, bit: i32): u64 {
  return bswap<u64>(load<u64>(from + (bit >> 3))) << (bit & 7);
}

export function bitAt(from: usize, bit: i32): i32 {
  return (<i32>load<u8>(from + (bit >> 3)) >> (7 - (bit & 7))) & 1;
}
