/**
 * `x y + z`, lane by lane: one instruction and one rounding in the module for relaxed SIMD, two of each in the other.
 */
export function madd(x: v128, y: v128, z: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, y, z) : f32x4.add(z, f32x4.mul(x, y));
}
