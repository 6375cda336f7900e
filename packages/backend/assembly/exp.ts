// exp of four floats at once: Cephes' expf, 2^n e^r with |r| <= ln 2 / 2 and a polynomial of degree 7. Relative error below 1e-7.

export function exp4(x: v128): v128 {
  const low = f32x4.splat(-87.33654);
  const clamped = f32x4.max(f32x4.min(x, f32x4.splat(89)), low);
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(<f32>Math.LOG2E)));
  // ln 2 in two parts, the first exact in few bits, so that the subtraction loses nothing.
  const high = f32x4.mul(n, f32x4.splat(0.693359375));
  const r = f32x4.sub(f32x4.sub(clamped, high), f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // 2^n in two factors: n reaches 128, which one exponent cannot hold.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const y = f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
  // Results below the smallest normal number are zero: a masked logit costs no slow arithmetic.
  return v128.andnot(y, f32x4.lt(x, low));
}

function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
