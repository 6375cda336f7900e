import { madd } from './madd';

/**
 * Rows `first` to `last` of a sparse matrix times `x`: `out[row] = plus[row] + Σ value · x[column]` over the entries
 * `starts[row] … starts[row + 1]`. A `plus` of 0 adds nothing. Rows of `x`, `plus` and `out` have `width` floats: 32
 * columns at a time, then 4, then 1.
 */
export function sparseProduct(
  starts: usize,
  columns: usize,
  values: usize,
  x: usize,
  plus: usize,
  out: usize,
  width: i32,
  first: i32,
  last: i32,
  _scratch: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let row = first; row < last; row++) {
    const at = starts + ((<usize>row) << 2);
    const from = (<usize>load<i32>(at)) << 2;
    const end = (<usize>load<i32>(at, 4)) << 2;
    const offset = <usize>row * bytes;
    rowSum(columns + from, values + from, columns + end, x, plus === 0 ? 0 : plus + offset, out + offset, width);
  }
}

function rowSum(columns: usize, values: usize, end: usize, x: usize, plus: usize, out: usize, width: i32): void {
  const row = (<usize>width) << 2;
  let j = width;
  for (; j >= 32; j -= 32) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    if (plus !== 0) {
      s0 = v128.load(plus);
      s1 = v128.load(plus, 16);
      s2 = v128.load(plus, 32);
      s3 = v128.load(plus, 48);
      s4 = v128.load(plus, 64);
      s5 = v128.load(plus, 80);
      s6 = v128.load(plus, 96);
      s7 = v128.load(plus, 112);
      plus += 128;
    }
    let value = values;
    for (let column = columns; column < end; column += 4) {
      const v = v128.load32_splat(value);
      const r = x + <usize>load<i32>(column) * row;
      s0 = madd(v, v128.load(r), s0);
      s1 = madd(v, v128.load(r, 16), s1);
      s2 = madd(v, v128.load(r, 32), s2);
      s3 = madd(v, v128.load(r, 48), s3);
      s4 = madd(v, v128.load(r, 64), s4);
      s5 = madd(v, v128.load(r, 80), s5);
      s6 = madd(v, v128.load(r, 96), s6);
      s7 = madd(v, v128.load(r, 112), s7);
      value += 4;
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
    v128.store(out, s4, 64);
    v128.store(out, s5, 80);
    v128.store(out, s6, 96);
    v128.store(out, s7, 112);
    out += 128;
    x += 128;
  }
  for (; j >= 4; j -= 4) {
    let sum = f32x4.splat(0);
    if (plus !== 0) {
      sum = v128.load(plus);
      plus += 16;
    }
    let value = values;
    for (let column = columns; column < end; column += 4) {
      sum = madd(v128.load32_splat(value), v128.load(x + <usize>load<i32>(column) * row), sum);
      value += 4;
    }
    v128.store(out, sum);
    out += 16;
    x += 16;
  }
  for (; j > 0; j--) {
    let sum = f32x4.splat(0);
    if (plus !== 0) {
      sum = v128.load32_zero(plus);
      plus += 4;
    }
    let value = values;
    for (let column = columns; column < end; column += 4) {
      sum = madd(v128.load32_zero(value), v128.load32_zero(x + <usize>load<i32>(column) * row), sum);
      value += 4;
    }
    store<f32>(out, f32x4.extract_lane(sum, 0));
    out += 4;
    x += 4;
  }
}
