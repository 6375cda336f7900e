import { total } from './lanes';
import { madd } from './madd';

// Rows are added in blocks, and then the blocks, as in sum.ts: long sums round less.
const BLOCK: i32 = 64;

/** `y = (x − mean) / √(variance + ε) · scale + shift` over the rows of `x [rows, width]`. */
export function layerNorm(x: usize, scale: usize, shift: usize, y: usize, rows: i32, width: i32, epsilon: f32): void {
  const whole = (<usize>(width & ~3)) << 2;
  const end = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    const mean = meanOf(x, width);
    const inverse = inverseDeviation(x, mean, width, epsilon);
    const means = f32x4.splat(mean);
    const inverses = f32x4.splat(inverse);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
      v128.store(y + i, f32x4.add(f32x4.mul(normal, v128.load(scale + i)), v128.load(shift + i)));
    }
    for (; i < end; i += 4) {
      store<f32>(y + i, (load<f32>(x + i) - mean) * inverse * load<f32>(scale + i) + load<f32>(shift + i));
    }
    x += end;
    y += end;
  }
}

/**
 * The gradients of `x`, `scale` and `shift`; all are overwritten. The statistics are computed again: the row is in the
 * first-level cache then, and the forward pass need not keep anything.
 *
 * @param partial working memory of `2 · width` floats.
 */
export function layerNormGradient(
  x: usize,
  dy: usize,
  scale: usize,
  dx: usize,
  dScale: usize,
  dShift: usize,
  partial: usize,
  rows: i32,
  width: i32,
  epsilon: f32,
): void {
  const end = (<usize>width) << 2;
  memory.fill(dScale, 0, end);
  memory.fill(dShift, 0, end);
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    memory.fill(partial, 0, 2 * end);
    for (let r = 0; r < count; r++) {
      gradientRow(x, dy, scale, dx, partial, partial + end, width, epsilon);
      x += end;
      dy += end;
      dx += end;
    }
    for (let i: usize = 0; i < end; i += 4) {
      store<f32>(dScale + i, load<f32>(dScale + i) + load<f32>(partial + i));
      store<f32>(dShift + i, load<f32>(dShift + i) + load<f32>(partial + end + i));
    }
  }
}

/**
 * Where n is the normalised row and g = dy · scale: `dx = (g − mean g − n · mean(g n)) / deviation`, `dScale += dy n`,
 * `dShift += dy`.
 */
function gradientRow(
  x: usize,
  dy: usize,
  scale: usize,
  dx: usize,
  dScale: usize,
  dShift: usize,
  width: i32,
  epsilon: f32,
): void {
  const whole = (<usize>(width & ~3)) << 2;
  const end = (<usize>width) << 2;
  const mean = meanOf(x, width);
  const inverse = inverseDeviation(x, mean, width, epsilon);
  const means = f32x4.splat(mean);
  const inverses = f32x4.splat(inverse);

  let sum4 = f32x4.splat(0);
  let along4 = sum4;
  let sum: f32 = 0;
  let along: f32 = 0;
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const slope = v128.load(dy + i);
    const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
    const g = f32x4.mul(slope, v128.load(scale + i));
    sum4 = f32x4.add(sum4, g);
    along4 = madd(g, normal, along4);
    v128.store(dScale + i, f32x4.add(v128.load(dScale + i), f32x4.mul(slope, normal)));
    v128.store(dShift + i, f32x4.add(v128.load(dShift + i), slope));
  }
  for (; i < end; i += 4) {
    const slope = load<f32>(dy + i);
    const normal = (load<f32>(x + i) - mean) * inverse;
    const g = slope * load<f32>(scale + i);
    sum += g;
    along += g * normal;
    store<f32>(dScale + i, load<f32>(dScale + i) + slope * normal);
    store<f32>(dShift + i, load<f32>(dShift + i) + slope);
  }
  sum = (sum + total(sum4)) / <f32>width;
  along = (along + total(along4)) / <f32>width;

  sum4 = f32x4.splat(sum);
  along4 = f32x4.splat(along);
  for (i = 0; i < whole; i += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
    const g = f32x4.mul(v128.load(dy + i), v128.load(scale + i));
    v128.store(dx + i, f32x4.mul(inverses, f32x4.sub(f32x4.sub(g, sum4), f32x4.mul(normal, along4))));
  }
  for (; i < end; i += 4) {
    const normal = (load<f32>(x + i) - mean) * inverse;
    const g = load<f32>(dy + i) * load<f32>(scale + i);
    store<f32>(dx + i, inverse * (g - sum - normal * along));
  }
}

function meanOf(x: usize, width: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let count = width;
  for (; count >= 8; count -= 8) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    x += 32;
  }
  let sum: f32 = total(f32x4.add(s0, s1));
  for (; count > 0; count--) {
    sum += load<f32>(x);
    x += 4;
  }
  return sum / <f32>width;
}

function inverseDeviation(x: usize, mean: f32, width: i32, epsilon: f32): f32 {
  const means = f32x4.splat(mean);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let count = width;
  for (; count >= 8; count -= 8) {
    const d0 = f32x4.sub(v128.load(x), means);
    const d1 = f32x4.sub(v128.load(x, 16), means);
    s0 = madd(d0, d0, s0);
    s1 = madd(d1, d1, s1);
    x += 32;
  }
  let sum: f32 = total(f32x4.add(s0, s1));
  for (; count > 0; count--) {
    const d = load<f32>(x) - mean;
    sum += d * d;
    x += 4;
  }
  return <f32>1 / sqrt<f32>(sum / <f32>width + epsilon);
}
