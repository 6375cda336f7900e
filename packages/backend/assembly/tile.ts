// One tile of a product, C[4,8] (+)= A[4,depth] B[depth,8], held in registers: 8 accumulators, 2 vectors of B, 1 splat of A.

/** The four entries of A at step k lie at `a + k * aStep`, B's eight at `b + k * bStep`. Rows before `firstRow` are not stored. */
export function tile(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  depth: i32,
  c: usize,
  cRow: usize,
  firstRow: i32,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0),
    c01 = c00,
    c10 = c00,
    c11 = c00,
    c20 = c00,
    c21 = c00,
    c30 = c00,
    c31 = c00;
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += aStep;
    b += bStep;
  }
  if (firstRow < 1) storeRow(c, c00, c01, accumulate);
  if (firstRow < 2) storeRow(c + cRow, c10, c11, accumulate);
  if (firstRow < 3) storeRow(c + 2 * cRow, c20, c21, accumulate);
  storeRow(c + 3 * cRow, c30, c31, accumulate);
}

/** One row, for products with fewer than four: C[1,8] (+)= A[1,depth] B[depth,8]. */
export function tileRow(a: usize, aStep: usize, b: usize, bStep: usize, depth: i32, c: usize, accumulate: bool): void {
  let c0 = f32x4.splat(0),
    c1 = c0;
  for (let k = depth; k > 0; k--) {
    const x = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(b, 16)));
    a += aStep;
    b += bStep;
  }
  storeRow(c, c0, c1, accumulate);
}

function storeRow(c: usize, left: v128, right: v128, accumulate: bool): void {
  if (accumulate) {
    left = f32x4.add(v128.load(c), left);
    right = f32x4.add(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
