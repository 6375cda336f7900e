import { total } from './lanes';
import { madd } from './madd';

/**
 * A row times a matrix: `C[n] = A[k] op(B)[k,n] + P`, with rows of B `bRow` bytes apart. A `plus` of 0 adds nothing.
 */
export function rowProduct(
  a: usize,
  b: usize,
  bRow: usize,
  transposeB: bool,
  c: usize,
  n: i32,
  k: i32,
  plus: usize,
  plusStep: usize,
): void {
  if (transposeB) dots(a, b, bRow, c, n, k);
  else combination(a, b, bRow, c, n, k);
  if (plus === 0) return;
  for (let j = 0; j < n; j++) {
    store<f32>(c, load<f32>(c) + load<f32>(plus));
    c += 4;
    plus += plusStep;
  }
}

/** The dot products of A with each of `n` rows, four at a time. */
function dots(a: usize, b: usize, row: usize, c: usize, n: i32, k: i32): void {
  let j = n;
  for (; j >= 4; j -= 4) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let r0 = b;
    let r1 = r0 + row;
    let r2 = r1 + row;
    let r3 = r2 + row;
    let x = a;
    let i = k;
    for (; i >= 4; i -= 4) {
      const v = v128.load(x);
      s0 = madd(v, v128.load(r0), s0);
      s1 = madd(v, v128.load(r1), s1);
      s2 = madd(v, v128.load(r2), s2);
      s3 = madd(v, v128.load(r3), s3);
      x += 16;
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
    }
    for (; i > 0; i--) {
      const v = v128.load32_zero(x);
      s0 = madd(v, v128.load32_zero(r0), s0);
      s1 = madd(v, v128.load32_zero(r1), s1);
      s2 = madd(v, v128.load32_zero(r2), s2);
      s3 = madd(v, v128.load32_zero(r3), s3);
      x += 4;
      r0 += 4;
      r1 += 4;
      r2 += 4;
      r3 += 4;
    }
    // The lanes are added in the order of `total`, so that a sum does not depend on its neighbours.
    const left = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
    const right = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
    const even = v128.shuffle<f32>(left, right, 0, 1, 4, 5);
    const odd = v128.shuffle<f32>(left, right, 2, 3, 6, 7);
    v128.store(c, f32x4.add(even, odd));
    c += 16;
    b += 4 * row;
  }
  for (; j > 0; j--) {
    let sum = f32x4.splat(0);
    let x = a;
    let r = b;
    let i = k;
    for (; i >= 4; i -= 4) {
      sum = madd(v128.load(x), v128.load(r), sum);
      x += 16;
      r += 16;
    }
    for (; i > 0; i--) {
      sum = madd(v128.load32_zero(x), v128.load32_zero(r), sum);
      x += 4;
      r += 4;
    }
    store<f32>(c, total(sum));
    c += 4;
    b += row;
  }
}

/** The sum of B's rows, each multiplied by its entry of A: 32 columns at a time, then 4, then 1. */
function combination(a: usize, b: usize, row: usize, c: usize, n: i32, k: i32): void {
  let j = n;
  for (; j >= 32; j -= 32) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let s4 = f32x4.splat(0);
    let s5 = f32x4.splat(0);
    let s6 = f32x4.splat(0);
    let s7 = f32x4.splat(0);
    let x = a;
    let r = b;
    for (let i = k; i > 0; i--) {
      const v = v128.load32_splat(x);
      s0 = madd(v, v128.load(r), s0);
      s1 = madd(v, v128.load(r, 16), s1);
      s2 = madd(v, v128.load(r, 32), s2);
      s3 = madd(v, v128.load(r, 48), s3);
      s4 = madd(v, v128.load(r, 64), s4);
      s5 = madd(v, v128.load(r, 80), s5);
      s6 = madd(v, v128.load(r, 96), s6);
      s7 = madd(v, v128.load(r, 112), s7);
      x += 4;
      r += row;
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
    v128.store(c, s4, 64);
    v128.store(c, s5, 80);
    v128.store(c, s6, 96);
    v128.store(c, s7, 112);
    c += 128;
    b += 128;
  }
  for (; j >= 4; j -= 4) {
    let sum = f32x4.splat(0);
    let x = a;
    let r = b;
    for (let i = k; i > 0; i--) {
      sum = madd(v128.load32_splat(x), v128.load(r), sum);
      x += 4;
      r += row;
    }
    v128.store(c, sum);
    c += 16;
    b += 16;
  }
  for (; j > 0; j--) {
    let sum = f32x4.splat(0);
    let x = a;
    let r = b;
    for (let i = k; i > 0; i--) {
      sum = madd(v128.load32_zero(x), v128.load32_zero(r), sum);
      x += 4;
      r += row;
    }
    store<f32>(c, f32x4.extract_lane(sum, 0));
    c += 4;
    b += 4;
  }
}
