import { madd } from './madd';

// log of four floats at once: Cephes' logf, x = m · 2^e with m around 1 and a polynomial of degree 9. Relative error
// below 2e-7.

function log4(x: v128): v128 {
  const smallest = f32x4.splat(1.17549435e-38);
  const tiny = f32x4.lt(x, smallest);
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny); // 2^23, for subnormal numbers
  const bits = i32x4.sub(i32x4.shr_s(scaled, 23), i32x4.splat(126));
  let e = f32x4.sub(f32x4.convert_i32x4_s(bits), v128.and(tiny, f32x4.splat(23)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x7fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(<f32>Math.SQRT1_2));
  e = f32x4.sub(e, v128.and(low, f32x4.splat(1)));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), f32x4.splat(1));

  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = madd(p, m, f32x4.splat(-1.151461031e-1));
  p = madd(p, m, f32x4.splat(1.167699874e-1));
  p = madd(p, m, f32x4.splat(-1.2420140846e-1));
  p = madd(p, m, f32x4.splat(1.4249322787e-1));
  p = madd(p, m, f32x4.splat(-1.6668057665e-1));
  p = madd(p, m, f32x4.splat(2.0000714765e-1));
  p = madd(p, m, f32x4.splat(-2.4999993993e-1));
  p = madd(p, m, f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, m), z);
  // ln 2 as two parts. The first is exact in few bits, so the sum loses nothing.
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, f32x4.splat(0.693359375)));

  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  // NaN for NaN and below zero.
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

/** log(1 + x) for 0 ≤ x ≤ 1, accurate for small x too (Kahan): a factor corrects the rounding of 1 + x. */
export function log1p4(x: v128): v128 {
  const sum = f32x4.add(x, f32x4.splat(1));
  const kept = f32x4.sub(sum, f32x4.splat(1));
  return v128.bitselect(x, f32x4.mul(log4(sum), f32x4.div(x, kept)), f32x4.eq(kept, f32x4.splat(0)));
}
