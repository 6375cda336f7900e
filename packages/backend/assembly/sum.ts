import { total } from './lanes';

// Rows are added in blocks, and then the blocks: long sums round less, and a block's columns stay in the cache.
const BLOCK: i32 = 64;

/** `out[outer, inner] = scale · Σ x[outer, middle, inner]` over the middle axis. */
export function sum(x: usize, out: usize, outer: i32, middle: i32, inner: i32, scale: f32): void {
  const step = (<usize>(middle * inner)) << 2;
  for (let o = 0; o < outer; o++) {
    if (inner === 1) {
      store<f32>(out, sumRow(x, middle) * scale);
    } else {
      for (let first = 0; first < middle; first += BLOCK) {
        const rows = min(BLOCK, middle - first);
        sumBlock(x + ((<usize>first * inner) << 2), out, rows, inner, first > 0, first + rows === middle ? scale : 1);
      }
    }
    x += step;
    out += (<usize>inner) << 2;
  }
}

function sumRow(x: usize, count: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; count >= 16; count -= 16) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
    x += 64;
  }
  for (; count >= 4; count -= 4) {
    s0 = f32x4.add(s0, v128.load(x));
    x += 16;
  }
  let rest: f32 = 0;
  for (; count > 0; count--) {
    rest += load<f32>(x);
    x += 4;
  }
  return total(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))) + rest;
}

/** `out (+)= Σ rows`, in groups of 16, 4 and 1 columns; the result is multiplied by `scale`. */
function sumBlock(x: usize, out: usize, rows: i32, inner: i32, accumulate: bool, scale: f32): void {
  const row = (<usize>inner) << 2;
  const scales = f32x4.splat(scale);
  let columns = inner;
  for (; columns >= 16; columns -= 16) {
    let s0 = accumulate ? v128.load(out) : f32x4.splat(0);
    let s1 = accumulate ? v128.load(out, 16) : f32x4.splat(0);
    let s2 = accumulate ? v128.load(out, 32) : f32x4.splat(0);
    let s3 = accumulate ? v128.load(out, 48) : f32x4.splat(0);
    let t0 = f32x4.splat(0);
    let t1 = t0;
    let t2 = t0;
    let t3 = t0;
    let from = x;
    for (let r = rows; r > 0; r--) {
      t0 = f32x4.add(t0, v128.load(from));
      t1 = f32x4.add(t1, v128.load(from, 16));
      t2 = f32x4.add(t2, v128.load(from, 32));
      t3 = f32x4.add(t3, v128.load(from, 48));
      from += row;
    }
    s0 = f32x4.mul(f32x4.add(s0, t0), scales);
    s1 = f32x4.mul(f32x4.add(s1, t1), scales);
    s2 = f32x4.mul(f32x4.add(s2, t2), scales);
    s3 = f32x4.mul(f32x4.add(s3, t3), scales);
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
    x += 64;
    out += 64;
  }
  for (; columns >= 4; columns -= 4) {
    let t = f32x4.splat(0);
    let from = x;
    for (let r = rows; r > 0; r--) {
      t = f32x4.add(t, v128.load(from));
      from += row;
    }
    if (accumulate) t = f32x4.add(v128.load(out), t);
    v128.store(out, f32x4.mul(t, scales));
    x += 16;
    out += 16;
  }
  for (; columns > 0; columns--) {
    let t: f32 = 0;
    let from = x;
    for (let r = rows; r > 0; r--) {
      t += load<f32>(from);
      from += row;
    }
    if (accumulate) t += load<f32>(out);
    store<f32>(out, t * scale);
    x += 4;
    out += 4;
  }
}
