import { madd } from './madd';

// exp of four floats at once: Cephes' expf, 2^n e^r with |r| <= ln 2 / 2 and a polynomial of degree 7. Relative error
// below 1e-7. Results below the smallest normal number are zero: a masked logit costs no slow arithmetic. `pmin` and
// `pmax` are one instruction each, `min` and `max` are many; with the bound as the second argument they keep NaN.

const SMALLEST: f32 = -87.33654;
/** 1.5 · 2^23: added to a small number, it rounds that number to an integer, which is then in the lowest bits. */
const ROUNDER: f32 = 12582912;

export function exp4(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(SMALLEST));
  const rounded = madd(clamped, f32x4.splat(<f32>Math.LOG2E), f32x4.splat(ROUNDER));
  const y = powerOfRest(clamped, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  // 2^n as two factors: n reaches 128, which one exponent cannot hold.
  const n = i32x4.sub(rounded, f32x4.splat(ROUNDER));
  const half = i32x4.shr_s(n, 1);
  const scaled = f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
  return v128.andnot(scaled, f32x4.lt(x, f32x4.splat(SMALLEST)));
}

/** e^x for x ≤ 0, like {@link exp4} but without the second factor. */
export function expBelow4(x: v128): v128 {
  const clamped = f32x4.pmax(x, f32x4.splat(SMALLEST));
  const rounded = madd(clamped, f32x4.splat(<f32>Math.LOG2E), f32x4.splat(ROUNDER));
  const y = powerOfRest(clamped, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  return v128.andnot(f32x4.mul(y, powerOfTwo(rounded)), f32x4.lt(x, f32x4.splat(SMALLEST)));
}

/**
 * `to = e^(x − top)` over `bytes` of whole vectors, in which nothing exceeds `top`.
 *
 * @returns the sum of the results, lane by lane.
 */
export function expRow(x: usize, to: usize, bytes: usize, top: v128): v128 {
  let sum = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const left = expBelow4(f32x4.sub(v128.load(x + i), top));
    const right = expBelow4(f32x4.sub(v128.load(x + i, 16), top));
    sum = f32x4.add(sum, f32x4.add(left, right));
    v128.store(to + i, left);
    v128.store(to + i, right, 16);
  }
  if (i < bytes) {
    const last = expBelow4(f32x4.sub(v128.load(x + i), top));
    sum = f32x4.add(sum, last);
    v128.store(to + i, last);
  }
  return sum;
}

/** e^(x − n ln 2) */
function powerOfRest(x: v128, n: v128): v128 {
  // ln 2 as two parts. The first is exact in few bits, so the subtraction loses nothing.
  const r = madd(n, f32x4.splat(2.1219444e-4), madd(n, f32x4.splat(-0.693359375), x));
  let p = f32x4.splat(1.98756915e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  return f32x4.add(madd(p, f32x4.mul(r, r), r), f32x4.splat(1));
}

/** 2^n, from the lowest bits of each lane; the shift drops the others. */
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
