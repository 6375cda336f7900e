import { erf4 } from './elementwise';
import { exp4 } from './exp';

// y = x Φ(x), one pass over `count` floats where the composition takes five. The rest of a division by four goes through the same code,
// one lane at a time.

export function gelu(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    const value = v128.load(x);
    v128.store(y, f32x4.mul(value, normal4(value)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    const value = v128.load32_splat(x);
    v128.store_lane<f32>(y, f32x4.mul(value, normal4(value)), 0);
    x += 4;
    y += 4;
  }
}

/** The same, and Φ(x) + x φ(x), by which a gradient is multiplied: both need Φ, so that the way back has nothing left to compute. */
export function geluAndSlope(x: usize, y: usize, slope: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    const value = v128.load(x);
    const normal = normal4(value);
    v128.store(y, f32x4.mul(value, normal));
    v128.store(slope, f32x4.add(normal, f32x4.mul(value, density4(value))));
    x += 16;
    y += 16;
    slope += 16;
  }
  for (; count > 0; count--) {
    const value = v128.load32_splat(x);
    const normal = normal4(value);
    v128.store_lane<f32>(y, f32x4.mul(value, normal), 0);
    v128.store_lane<f32>(slope, f32x4.add(normal, f32x4.mul(value, density4(value))), 0);
    x += 4;
    y += 4;
    slope += 4;
  }
}

/** Φ(x) = (1 + erf(x / √2)) / 2 */
function normal4(x: v128): v128 {
  const half = f32x4.splat(0.5);
  return f32x4.add(half, f32x4.mul(half, erf4(f32x4.mul(x, f32x4.splat(<f32>Math.SQRT1_2)))));
}

/** φ(x) = e^(−x² / 2) / √2π */
function density4(x: v128): v128 {
  return f32x4.mul(exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5))), f32x4.splat(0.3989422804));
}
