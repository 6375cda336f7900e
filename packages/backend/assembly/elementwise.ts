import { exp4 } from './exp';
import { log1p4 } from './log';
import { madd } from './madd';

// y = f(x) over `count` floats. The last one to three floats use the same code, one lane at a time.

export function exp(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, exp4(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, exp4(v128.load32_splat(x)), 0);
    x += 4;
    y += 4;
  }
}

export function erf(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, erf4(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, erf4(v128.load32_splat(x)), 0);
    x += 4;
    y += 4;
  }
}

export function tanh(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, tanh4(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, tanh4(v128.load32_splat(x)), 0);
    x += 4;
    y += 4;
  }
}

export function softplus(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, softplus4(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, softplus4(v128.load32_splat(x)), 0);
    x += 4;
    y += 4;
  }
}

export function sqrt(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, f32x4.sqrt(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, f32x4.sqrt(v128.load32_splat(x)), 0);
    x += 4;
    y += 4;
  }
}

export function rsqrt(x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, rsqrt4(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, rsqrt4(v128.load32_splat(x)), 0);
    x += 4;
    y += 4;
  }
}

/**
 * Eigen's rational approximation: odd polynomial of degree 13 over an even one of degree 8; relative error below 4e-7.
 */
export function erf4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(4)), f32x4.splat(-4));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-2.72614225801306e-10);
  p = madd(p, z, f32x4.splat(2.77068142495902e-8));
  p = madd(p, z, f32x4.splat(-2.10102402082508e-6));
  p = madd(p, z, f32x4.splat(-5.69250639462346e-5));
  p = madd(p, z, f32x4.splat(-7.34990630326855e-4));
  p = madd(p, z, f32x4.splat(-2.95459980854025e-3));
  p = madd(p, z, f32x4.splat(-1.60960333262415e-2));
  let q = f32x4.splat(-1.45660718464996e-5);
  q = madd(q, z, f32x4.splat(-2.13374055278905e-4));
  q = madd(q, z, f32x4.splat(-1.68282697438203e-3));
  q = madd(q, z, f32x4.splat(-7.37332916720468e-3));
  q = madd(q, z, f32x4.splat(-1.42647390514189e-2));
  return withinOne(f32x4.div(f32x4.mul(x, p), q));
}

/**
 * Eigen's rational approximation: odd polynomial of degree 13 over an even one of degree 6; relative error below 4e-7.
 */
function tanh4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(7.9053111)), f32x4.splat(-7.9053111));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-2.76076847742355e-16);
  p = madd(p, z, f32x4.splat(2.00018790482477e-13));
  p = madd(p, z, f32x4.splat(-8.60467152213735e-11));
  p = madd(p, z, f32x4.splat(5.12229709037114e-8));
  p = madd(p, z, f32x4.splat(1.48572235717979e-5));
  p = madd(p, z, f32x4.splat(6.37261928875436e-4));
  p = madd(p, z, f32x4.splat(4.89352455891786e-3));
  let q = f32x4.splat(1.19825839466702e-6);
  q = madd(q, z, f32x4.splat(1.18534705686654e-4));
  q = madd(q, z, f32x4.splat(2.268434632439e-3));
  q = madd(q, z, f32x4.splat(4.89352518554385e-3));
  return withinOne(f32x4.div(f32x4.mul(x, p), q));
}

function withinOne(y: v128): v128 {
  return f32x4.pmax(f32x4.pmin(y, f32x4.splat(1)), f32x4.splat(-1));
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^−|x|) */
function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
}

function rsqrt4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
}
