import { madd } from './madd';

/**
 * Rows of the tallest tile. With two vectors of columns, it fills the registers: 12 sums, 2 of B, 1 of A. Without fused
 * multiply-add, a product needs one more, so the tile has one row less.
 */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/**
 * One tile of a product, held in registers: `C[rows, width] = A[rows, depth] B[depth, width] + P`, `rows` up to
 * {@link TILE_ROWS}, `width` 8 or 4. Strides are in bytes: `…Row` from row to row, `…Step` from one term of the sum to
 * the next. A `plus` of 0 adds nothing.
 */
export function tile(
  rows: i32,
  width: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  depth: i32,
  c: usize,
  cRow: usize,
  plus: usize,
  plusRow: usize,
): void {
  if (width === 8) {
    if (rows === 6) Tile.of(6, true, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 5) Tile.of(5, true, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 4) Tile.of(4, true, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 3) Tile.of(3, true, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 2) Tile.of(2, true, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else Tile.of(1, true, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
  } else {
    if (rows === 6) Tile.of(6, false, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 5) Tile.of(5, false, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 4) Tile.of(4, false, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 3) Tile.of(3, false, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else if (rows === 2) Tile.of(2, false, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
    else Tile.of(1, false, a, aRow, aStep, b, bStep, depth, c, cRow, plus, plusRow);
  }
}

// Inlined with constants for `rows` and `wide`, so that every size of tile has its own loop. V8 up to version 12 keeps
// all sums in registers only for some shapes of the code around the loop: the loop must test at its top, and the two
// endings (with and without `plus`) must be separate. Otherwise a product takes twice as long.
// biome-ignore lint/complexity/noStaticOnlyClass: TypeScript allows the decorator `inline` only on members of a class.
class Tile {
  @inline
  static of(
    rows: i32,
    wide: bool,
    a: usize,
    aRow: usize,
    aStep: usize,
    b: usize,
    bStep: usize,
    depth: i32,
    c: usize,
    cRow: usize,
    plus: usize,
    plusRow: usize,
  ): void {
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let c20 = f32x4.splat(0);
    let c21 = f32x4.splat(0);
    let c30 = f32x4.splat(0);
    let c31 = f32x4.splat(0);
    let c40 = f32x4.splat(0);
    let c41 = f32x4.splat(0);
    let c50 = f32x4.splat(0);
    let c51 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let a1 = a + aRow;
    let a2 = a1 + aRow;
    let a3 = a2 + aRow;
    let a4 = a3 + aRow;
    let a5 = a4 + aRow;
    for (let k = depth; k > 0; k--) {
      const b0 = v128.load(b);
      if (wide) b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00);
      if (wide) c01 = madd(x, b1, c01);
      if (rows > 1) {
        x = v128.load32_splat(a1);
        c10 = madd(x, b0, c10);
        if (wide) c11 = madd(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.load32_splat(a2);
        c20 = madd(x, b0, c20);
        if (wide) c21 = madd(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.load32_splat(a3);
        c30 = madd(x, b0, c30);
        if (wide) c31 = madd(x, b1, c31);
      }
      if (rows > 4) {
        x = v128.load32_splat(a4);
        c40 = madd(x, b0, c40);
        if (wide) c41 = madd(x, b1, c41);
      }
      if (rows > 5) {
        x = v128.load32_splat(a5);
        c50 = madd(x, b0, c50);
        if (wide) c51 = madd(x, b1, c51);
      }
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += bStep;
    }
    if (plus === 0) {
      Tile.store(wide, c, c00, c01);
      if (rows > 1) Tile.store(wide, c + cRow, c10, c11);
      if (rows > 2) Tile.store(wide, c + 2 * cRow, c20, c21);
      if (rows > 3) Tile.store(wide, c + 3 * cRow, c30, c31);
      if (rows > 4) Tile.store(wide, c + 4 * cRow, c40, c41);
      if (rows > 5) Tile.store(wide, c + 5 * cRow, c50, c51);
    } else {
      Tile.storeSum(wide, c, c00, c01, plus);
      if (rows > 1) Tile.storeSum(wide, c + cRow, c10, c11, plus + plusRow);
      if (rows > 2) Tile.storeSum(wide, c + 2 * cRow, c20, c21, plus + 2 * plusRow);
      if (rows > 3) Tile.storeSum(wide, c + 3 * cRow, c30, c31, plus + 3 * plusRow);
      if (rows > 4) Tile.storeSum(wide, c + 4 * cRow, c40, c41, plus + 4 * plusRow);
      if (rows > 5) Tile.storeSum(wide, c + 5 * cRow, c50, c51, plus + 5 * plusRow);
    }
  }

  @inline
  static store(wide: bool, c: usize, left: v128, right: v128): void {
    v128.store(c, left);
    if (wide) v128.store(c, right, 16);
  }

  @inline
  static storeSum(wide: bool, c: usize, left: v128, right: v128, plus: usize): void {
    v128.store(c, f32x4.add(v128.load(plus), left));
    if (wide) v128.store(c, f32x4.add(v128.load(plus, 16), right), 16);
  }
}
