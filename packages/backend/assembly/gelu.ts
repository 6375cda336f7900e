import { expBelow4 } from './exp';
import { madd } from './madd';

// y = x Φ(x), in one pass over `count` floats; composed of TensorFlow.js' operations, it takes five. The last one to
// three floats use the same code, one lane at a time.

export function gelu(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    const value = v128.load(x);
    v128.store(y, f32x4.mul(value, normal4(value, bell4(value))));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    const value = v128.load32_splat(x);
    v128.store_lane<f32>(y, f32x4.mul(value, normal4(value, bell4(value))), 0);
    x += 4;
    y += 4;
  }
}

/**
 * The same, and the derivative Φ(x) + x φ(x). Both need Φ. With the derivative at hand, the gradient is one product.
 */
export function geluAndSlope(x: usize, y: usize, slope: usize, count: i32): void {
  // Two vectors at a time: each is a long chain of operations, and both use the same twenty or so constants.
  for (; count >= 8; count -= 8) {
    const left = v128.load(x);
    const right = v128.load(x, 16);
    const leftBell = bell4(left);
    const rightBell = bell4(right);
    const leftNormal = normal4(left, leftBell);
    const rightNormal = normal4(right, rightBell);
    v128.store(y, f32x4.mul(left, leftNormal));
    v128.store(y, f32x4.mul(right, rightNormal), 16);
    v128.store(slope, slope4(left, leftNormal, leftBell));
    v128.store(slope, slope4(right, rightNormal, rightBell), 16);
    x += 32;
    y += 32;
    slope += 32;
  }
  for (; count >= 4; count -= 4) {
    const value = v128.load(x);
    const bell = bell4(value);
    const normal = normal4(value, bell);
    v128.store(y, f32x4.mul(value, normal));
    v128.store(slope, slope4(value, normal, bell));
    x += 16;
    y += 16;
    slope += 16;
  }
  for (; count > 0; count--) {
    const value = v128.load32_splat(x);
    const bell = bell4(value);
    const normal = normal4(value, bell);
    v128.store_lane<f32>(y, f32x4.mul(value, normal), 0);
    v128.store_lane<f32>(slope, slope4(value, normal, bell), 0);
    x += 4;
    y += 4;
    slope += 4;
  }
}

/** e^(−x² / 2) */
function bell4(x: v128): v128 {
  return expBelow4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** Φ(x) + x φ(x), φ(x) = e^(−x² / 2) / √2π */
function slope4(x: v128, normal: v128, bell: v128): v128 {
  return madd(f32x4.mul(x, bell), f32x4.splat(0.3989422804), normal);
}

/**
 * Φ(x) from e^(−x² / 2): Φ(−|x|) = e^(−x² / 2) P(t) / 2 with t = 1 / (1 + p|x| / √2) (Abramowitz and Stegun 7.1.26;
 * error of Φ below 8e-8). Nothing cancels for negative x, and the slope needs the same exponential.
 */
function normal4(x: v128, bell: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, madd(f32x4.abs(x), f32x4.splat(<f32>(0.3275911 * Math.SQRT1_2)), one));
  let p = f32x4.splat(<f32>(0.5 * 1.061405429));
  p = madd(p, t, f32x4.splat(<f32>(0.5 * -1.453152027)));
  p = madd(p, t, f32x4.splat(<f32>(0.5 * 1.421413741)));
  p = madd(p, t, f32x4.splat(<f32>(0.5 * -0.284496736)));
  p = madd(p, t, f32x4.splat(<f32>(0.5 * 0.254829592)));
  const tail = f32x4.mul(f32x4.mul(p, t), bell);
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}
