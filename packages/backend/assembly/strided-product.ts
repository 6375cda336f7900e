import { madd } from './madd';

/**
 * `C[m,n] (+)= A[m,k] B[k,n]` of matrices that lie inside larger ones: entry (i, j) of A at `a + i · aRow + j · aColumn`, rows of B and
 * C `bRow` and `cRow` bytes apart. Nothing is packed and no block is cut: for operands that fit into the first-level cache, as one
 * attention head's do, where packing would cost as much as the product.
 */
export function stridedProduct(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  m: i32,
  n: i32,
  k: i32,
  accumulate: bool,
): void {
  let j = n;
  for (; j >= 8; j -= 8) {
    columns8(a, aRow, aColumn, b, bRow, c, cRow, m, k, accumulate);
    b += 32;
    c += 32;
  }
  if (j >= 4) {
    columns4(a, aRow, aColumn, b, bRow, c, cRow, m, k, accumulate);
    b += 16;
    c += 16;
    j -= 4;
  }
  for (; j > 0; j--) {
    column(a, aRow, aColumn, b, bRow, c, cRow, m, k, accumulate);
    b += 4;
    c += 4;
  }
}

function columns8(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  m: i32,
  k: i32,
  accumulate: bool,
): void {
  for (; m >= 4; m -= 4) {
    let a0 = a;
    let a1 = a0 + aRow;
    let a2 = a1 + aRow;
    let a3 = a2 + aRow;
    let from = b;
    let c00 = f32x4.splat(0),
      c01 = c00,
      c10 = c00,
      c11 = c00,
      c20 = c00,
      c21 = c00,
      c30 = c00,
      c31 = c00;
    for (let step = k; step > 0; step--) {
      const b0 = v128.load(from);
      const b1 = v128.load(from, 16);
      let x = v128.load32_splat(a0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      a0 += aColumn;
      a1 += aColumn;
      a2 += aColumn;
      a3 += aColumn;
      from += bRow;
    }
    put(c, c00, accumulate);
    put(c + 16, c01, accumulate);
    c += cRow;
    put(c, c10, accumulate);
    put(c + 16, c11, accumulate);
    c += cRow;
    put(c, c20, accumulate);
    put(c + 16, c21, accumulate);
    c += cRow;
    put(c, c30, accumulate);
    put(c + 16, c31, accumulate);
    c += cRow;
    a += 4 * aRow;
  }
  for (; m > 0; m--) {
    let from = b;
    let a0 = a;
    let c0 = f32x4.splat(0);
    let c1 = c0;
    for (let step = k; step > 0; step--) {
      const x = v128.load32_splat(a0);
      c0 = madd(x, v128.load(from), c0);
      c1 = madd(x, v128.load(from, 16), c1);
      a0 += aColumn;
      from += bRow;
    }
    put(c, c0, accumulate);
    put(c + 16, c1, accumulate);
    a += aRow;
    c += cRow;
  }
}

function columns4(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  m: i32,
  k: i32,
  accumulate: bool,
): void {
  for (; m >= 4; m -= 4) {
    let a0 = a;
    let a1 = a0 + aRow;
    let a2 = a1 + aRow;
    let a3 = a2 + aRow;
    let from = b;
    let c0 = f32x4.splat(0),
      c1 = c0,
      c2 = c0,
      c3 = c0;
    for (let step = k; step > 0; step--) {
      const b0 = v128.load(from);
      c0 = madd(v128.load32_splat(a0), b0, c0);
      c1 = madd(v128.load32_splat(a1), b0, c1);
      c2 = madd(v128.load32_splat(a2), b0, c2);
      c3 = madd(v128.load32_splat(a3), b0, c3);
      a0 += aColumn;
      a1 += aColumn;
      a2 += aColumn;
      a3 += aColumn;
      from += bRow;
    }
    put(c, c0, accumulate);
    c += cRow;
    put(c, c1, accumulate);
    c += cRow;
    put(c, c2, accumulate);
    c += cRow;
    put(c, c3, accumulate);
    c += cRow;
    a += 4 * aRow;
  }
  for (; m > 0; m--) {
    let from = b;
    let a0 = a;
    let c0 = f32x4.splat(0);
    for (let step = k; step > 0; step--) {
      c0 = madd(v128.load32_splat(a0), v128.load(from), c0);
      a0 += aColumn;
      from += bRow;
    }
    put(c, c0, accumulate);
    a += aRow;
    c += cRow;
  }
}

/** One column, for widths that are no multiple of four. */
function column(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  m: i32,
  k: i32,
  accumulate: bool,
): void {
  for (; m > 0; m--) {
    let from = b;
    let a0 = a;
    let sum: f32 = 0;
    for (let step = k; step > 0; step--) {
      sum += load<f32>(a0) * load<f32>(from);
      a0 += aColumn;
      from += bRow;
    }
    store<f32>(c, accumulate ? load<f32>(c) + sum : sum);
    a += aRow;
    c += cRow;
  }
}

function put(c: usize, value: v128, accumulate: bool): void {
  v128.store(c, accumulate ? f32x4.add(v128.load(c), value) : value);
}
