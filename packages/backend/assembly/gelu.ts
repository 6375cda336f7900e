import { erf4 } from './elementwise';
import { exp4 } from './exp';

// y = x Φ(x) and its gradient, one pass each over `count` floats, where the composition takes five and seven. The rest of a division
// by four goes through the same code, one lane at a time.

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

/** dx = dy (Φ(x) + x φ(x)). */
export function geluGradient(x: usize, dy: usize, dx: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope4(v128.load(x))));
    x += 16;
    dy += 16;
    dx += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(dx, f32x4.mul(v128.load32_splat(dy), slope4(v128.load32_splat(x))), 0);
    x += 4;
    dy += 4;
    dx += 4;
  }
}

/** Φ(x) = (1 + erf(x / √2)) / 2 */
function normal4(x: v128): v128 {
  const half = f32x4.splat(0.5);
  return f32x4.add(half, f32x4.mul(half, erf4(f32x4.mul(x, f32x4.splat(<f32>Math.SQRT1_2)))));
}

function slope4(x: v128): v128 {
  const density = f32x4.mul(exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5))), f32x4.splat(0.3989422804)); // 1 / √2π
  return f32x4.add(normal4(x), f32x4.mul(x, density));
}
