import { TILE_ROWS, tile } from './tile';

/**
 * `C[m,n] (+)= A[m,k] B[k,n]` of matrices inside larger ones: entry (i, j) of A is at `a + i · aRow + j · aColumn`;
 * rows of B and C are `bRow` and `cRow` bytes apart. Nothing is packed or cut into blocks. This is for operands that
 * fit into the first-level cache, such as those of one attention head, for which packing would cost as much as the
 * product.
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
    columns(8, a, aRow, aColumn, b, bRow, c, cRow, m, k, accumulate);
    b += 32;
    c += 32;
  }
  if (j >= 4) {
    columns(4, a, aRow, aColumn, b, bRow, c, cRow, m, k, accumulate);
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

/** Computes `width` columns (8 or 4), tile by tile from the top. */
function columns(
  width: i32,
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
  for (let i = 0; i < m; i += TILE_ROWS) {
    const rows = min(TILE_ROWS, m - i);
    tile(rows, width, a, aRow, aColumn, b, bRow, k, c, cRow, accumulate ? c : 0, cRow);
    a += <usize>rows * aRow;
    c += <usize>rows * cRow;
  }
}

/** Computes one column, for widths that are not a multiple of four. */
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
