/** Magnitudes from this value round to infinity in float16. The largest finite one is 65504. */
export const HALF_LIMIT = 65520;

/** Exponent bits. All of them are set for infinity and NaN. */
export const HALF_EXPONENT = 0x7c00;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * Rounds to the nearest IEEE 754 binary16, ties to even. The relative error is at most 2⁻¹¹ for magnitudes from 2⁻¹⁴;
 * below, the absolute error is at most 2⁻²⁵.
 *
 * @param value magnitude below {@link HALF_LIMIT}
 * @returns the 16 bits.
 */
export function toHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude >= 0x38800000) {
    // Changes the exponent bias (127 → 15) and rounds at bit 13. A carry correctly increments the exponent.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Adding 0.5 leaves the subnormal's multiple of 2⁻²⁴ in the lowest bits. The addition does the rounding.
  bits[0] = magnitude;
  float[0] += 0.5;
  return sign | (bits[0]! - 0x3f000000);
}

let table: Float32Array | undefined;

/** The float32 value of each of the 65,536 bit patterns. Look-ups are several times faster than arithmetic. */
export function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return table;
}
