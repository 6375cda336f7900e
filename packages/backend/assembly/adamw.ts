import { total } from './lanes';
import { madd } from './madd';

/**
 * One update of `count` weights. The moments `m` and `v` change in place; `updated` may be `weight`.
 *
 * `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`, `w ← w − rate · m / (√v + ε) − decay · w` where g is the gradient
 * times `clip`.
 */
export function adamw(
  weight: usize,
  gradient: usize,
  m: usize,
  v: usize,
  updated: usize,
  count: i32,
  clip: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  rate: f32,
  decay: f32,
): void {
  let i: usize = 0;
  const whole = (<usize>(count & ~3)) << 2;
  const end = (<usize>count) << 2;
  for (; i < whole; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), f32x4.splat(clip));
    const m4 = f32x4.add(f32x4.mul(v128.load(m + i), f32x4.splat(beta1)), f32x4.mul(g, f32x4.splat(rest1)));
    const v4 = f32x4.add(
      f32x4.mul(v128.load(v + i), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(g, g), f32x4.splat(rest2)),
    );
    v128.store(m + i, m4);
    v128.store(v + i, v4);
    const w = v128.load(weight + i);
    const step = f32x4.mul(f32x4.div(m4, f32x4.add(f32x4.sqrt(v4), f32x4.splat(epsilon))), f32x4.splat(rate));
    v128.store(updated + i, f32x4.sub(f32x4.sub(w, step), f32x4.mul(w, f32x4.splat(decay))));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(gradient + i) * clip;
    const m1 = load<f32>(m + i) * beta1 + g * rest1;
    const v1 = load<f32>(v + i) * beta2 + g * g * rest2;
    store<f32>(m + i, m1);
    store<f32>(v + i, v1);
    const w = load<f32>(weight + i);
    store<f32>(updated + i, w - (m1 / (sqrt<f32>(v1) + epsilon)) * rate - w * decay);
  }
}

/**
 * Σ x². Blocks of squares are added in double precision, so that a norm over millions of gradients keeps its digits.
 */
export function sumOfSquares(x: usize, count: i32): f64 {
  let sum: f64 = 0;
  while (count > 0) {
    const block = min(count, 512);
    sum += <f64>squares(x, block);
    x += (<usize>block) << 2;
    count -= block;
  }
  return sum;
}

function squares(x: usize, count: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; count >= 8; count -= 8) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    s0 = madd(x0, x0, s0);
    s1 = madd(x1, x1, s1);
    x += 32;
  }
  let rest: f32 = 0;
  for (; count > 0; count--) {
    rest += load<f32>(x) * load<f32>(x);
    x += 4;
  }
  return total(f32x4.add(s0, s1)) + rest;
}
