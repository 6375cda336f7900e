/** Values from here on round to infinity in float16; its largest finite one is 65504. */
export const HALF_LIMIT = 65520;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * The IEEE 754 binary16 nearest to a float32, ties to even, as its 16 bits. Relative error at most 2⁻¹¹ for magnitudes of 2⁻¹⁴ or more,
 * absolute error at most 2⁻²⁵ below.
 *
 * @param value smaller than {@link HALF_LIMIT} in magnitude.
 */
export function toHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude >= 0x38800000) {
    // Rebias the exponent (127 → 15) and round at bit 13; a carry runs into the exponent, as it should.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Adding 0.5 leaves a subnormal's multiple of 2⁻²⁴ in the lowest bits, rounded by the addition itself.
  bits[0] = magnitude;
  float[0] += 0.5;
  return sign | (bits[0]! - 0x3f000000);
}

let table: Float32Array | undefined;

/** The float32 of each of the 65,536 bit patterns: decoding by look-up is several times faster than by arithmetic. */
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
