// out = f(a, b) over `count` floats. An operand with step 0 is a single number; one with step 4 has a number for each
// result.

export function maximum(a: usize, aStep: usize, b: usize, bStep: usize, out: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(out, f32x4.max(four(a, aStep), four(b, bStep)));
    a += 4 * aStep;
    b += 4 * bStep;
    out += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, max(load<f32>(a), load<f32>(b)));
    a += aStep;
    b += bStep;
    out += 4;
  }
}

export function minimum(a: usize, aStep: usize, b: usize, bStep: usize, out: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(out, f32x4.min(four(a, aStep), four(b, bStep)));
    a += 4 * aStep;
    b += 4 * bStep;
    out += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, min(load<f32>(a), load<f32>(b)));
    a += aStep;
    b += bStep;
    out += 4;
  }
}

/** Writes one byte, 0 or 1, for each result. */
export function greater(a: usize, aStep: usize, b: usize, bStep: usize, out: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    storeFlags(out, f32x4.gt(four(a, aStep), four(b, bStep)));
    a += 4 * aStep;
    b += 4 * bStep;
    out += 4;
  }
  for (; count > 0; count--) {
    store<u8>(out, load<f32>(a) > load<f32>(b) ? 1 : 0);
    a += aStep;
    b += bStep;
    out++;
  }
}

/** Writes one byte, 0 or 1, for each result. */
export function greaterEqual(a: usize, aStep: usize, b: usize, bStep: usize, out: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    storeFlags(out, f32x4.ge(four(a, aStep), four(b, bStep)));
    a += 4 * aStep;
    b += 4 * bStep;
    out += 4;
  }
  for (; count > 0; count--) {
    store<u8>(out, load<f32>(a) >= load<f32>(b) ? 1 : 0);
    a += aStep;
    b += bStep;
    out++;
  }
}

/** Writes one byte for each number: 0 if it is 0, otherwise 1. */
export function nonZero(x: usize, out: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    storeFlags(out, f32x4.ne(v128.load(x), f32x4.splat(0)));
    x += 16;
    out += 4;
  }
  for (; count > 0; count--) {
    store<u8>(out, load<f32>(x) !== 0 ? 1 : 0);
    x += 4;
    out++;
  }
}

function four(x: usize, step: usize): v128 {
  return step ? v128.load(x) : v128.load32_splat(x);
}

function storeFlags(out: usize, mask: v128): void {
  const words = i16x8.narrow_i32x4_s(mask, mask);
  const bytes = v128.and(i8x16.narrow_i16x8_s(words, words), i8x16.splat(1));
  v128.store32_lane(out, bytes, 0);
}
