import { packColumns, packFewColumns, packRows } from './pack';
import { rowProduct } from './row-product';
import { TILE_ROWS, tile } from './tile';

// A block of B (DEPTH x WIDTH) stays in the second-level cache, the current rows of A (TILE_ROWS x DEPTH) in the first.
const DEPTH: i32 = 256;
const WIDTH: i32 = 256;

// Packing B pays if many rows of A use it. Packing a transposed A pays if many columns of B use it.
const PACK_B_FROM_ROWS: i32 = 96;
const PACK_A_FROM_COLUMNS: i32 = 32;

const EDGE_ROW: usize = 8 * 4;
const EDGE_BYTES: usize = 6 * EDGE_ROW;
const A_BYTES: usize = <usize>(6 * DEPTH * 4);
const B_BYTES: usize = <usize>((WIDTH + 8) * DEPTH * 4);

/** Bytes that {@link product} needs at `scratch`. */
export function scratchBytes(): i32 {
  return <i32>(EDGE_BYTES + A_BYTES + B_BYTES);
}

/**
 * `C[m,n] = op(A)[m,k] op(B)[k,n] + bias[n]` for each product of a stack; `op` transposes if its flag is set. A stride
 * of 0 uses the same matrix for all products; a `bias` of 0 means none.
 *
 * Computes rows `[first, last)` of the stack, counted over all its products. An entry's value does not depend on that
 * range: whichever tile computes it, it is the same sum in the same order.
 */
export function product(
  a: usize,
  b: usize,
  c: usize,
  aStride: usize,
  bStride: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  bias: usize,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const cStride = <usize>m * ((<usize>n) << 2);
  for (let row = first; row < last; ) {
    const index = row / m;
    const top = row - index * m;
    const bottom = min(m, top + last - row);
    const aOne = a + <usize>index * aStride;
    const bOne = b + <usize>index * bStride;
    const cOne = c + <usize>index * cStride;
    if (n === 1) times(aOne, bOne, cOne, m, k, transposeA, bias, top, bottom);
    else if (m === 1 || (m < 4 && transposeB && !transposeA)) {
      rowByRow(aOne, bOne, cOne, n, k, transposeB, bias, top, bottom);
    } else blocks(aOne, bOne, cOne, m, n, k, transposeA, transposeB, bias, top, bottom, scratch);
    row += bottom - top;
  }
}

/** A matrix times a vector is the vector times the transposed matrix. */
function times(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  k: i32,
  transposeA: bool,
  bias: usize,
  top: i32,
  bottom: i32,
): void {
  const row = (<usize>(transposeA ? m : k)) << 2;
  const from = a + <usize>top * (transposeA ? 4 : row);
  rowProduct(b, from, row, !transposeA, c + ((<usize>top) << 2), bottom - top, k, bias, 0);
}

/** For too few rows to make packing B worthwhile. */
function rowByRow(
  a: usize,
  b: usize,
  c: usize,
  n: i32,
  k: i32,
  transposeB: bool,
  bias: usize,
  top: i32,
  bottom: i32,
): void {
  const bRow = (<usize>(transposeB ? k : n)) << 2;
  for (let i = <usize>top; i < <usize>bottom; i++) {
    rowProduct(a + ((i * <usize>k) << 2), b, bRow, transposeB, c + ((i * <usize>n) << 2), n, k, bias, 4);
  }
}

function blocks(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  bias: usize,
  top: i32,
  bottom: i32,
  scratch: usize,
): void {
  const aPacked = scratch + EDGE_BYTES;
  const bPacked = aPacked + A_BYTES;
  const aStored = (<usize>(transposeA ? m : k)) << 2;
  const aRow = transposeA ? 4 : aStored;
  const aStep = transposeA ? aStored : 4;
  const bRow = (<usize>(transposeB ? k : n)) << 2;
  const cRow = (<usize>n) << 2;
  const packA = transposeA && n >= PACK_A_FROM_COLUMNS;
  const packB = transposeB || m >= PACK_B_FROM_ROWS || n < 4;

  for (let left = 0; left < n; left += WIDTH) {
    const right = min(n, left + WIDTH);
    // Without terms, one block of depth 0 writes zeros.
    for (let k0 = 0; k0 === 0 || k0 < k; k0 += DEPTH) {
      const depth = min(DEPTH, k - k0);
      const bBlock = b + <usize>k0 * (transposeB ? 4 : bRow);
      if (packB) packBlock(bBlock, bRow, transposeB, left, right, n, depth, bPacked);
      for (let i = top; i < bottom; ) {
        const rest = bottom - i;
        // The last rows are halved: two tiles of four rows are faster than one of six and one of two.
        const rows = rest <= TILE_ROWS ? rest : rest >= 2 * TILE_ROWS ? TILE_ROWS : (rest + 1) >> 1;
        let strip = a + <usize>i * aRow + <usize>k0 * aStep;
        if (packA) {
          packRows(strip, aStored, rows, depth, aPacked);
          strip = aPacked;
        }
        const step = packA ? (<usize>rows) << 2 : aStep;
        let panel = bPacked;
        for (let j = left; j < right; ) {
          const width = panelWidth(j, n);
          const start = panelStart(j, n, width);
          const from = packB ? panel : bBlock + ((<usize>start) << 2);
          const bStep = packB ? (<usize>width) << 2 : bRow;
          const to = c + <usize>i * cRow + ((<usize>start) << 2);
          const plus = k0 > 0 ? to : bias === 0 ? 0 : bias + ((<usize>start) << 2);
          const plusRow = k0 > 0 ? cRow : 0;
          // Columns beyond the matrix must not be written, and nothing may be added twice to columns of the previous
          // panel.
          if (n < 4 || (start < j && k0 > 0)) {
            tile(rows, width, strip, aRow, step, from, bStep, depth, scratch, EDGE_ROW, 0, 0);
            copyColumns(scratch, rows, j - start, min(width, n), to, cRow, plus, plusRow);
          } else {
            tile(rows, width, strip, aRow, step, from, bStep, depth, to, cRow, plus, plusRow);
          }
          panel += (<usize>depth) << 5;
          j = start + width;
        }
        i += rows;
      }
    }
  }
}

/** The width of the panel at column j: 8, or 4 if at most four columns are left. */
function panelWidth(j: i32, n: i32): i32 {
  return n >= 8 && n - j > 4 ? 8 : 4;
}

/**
 * The first column of the panel at j. The last panel reaches back over finished columns, if the matrix is wide enough.
 */
function panelStart(j: i32, n: i32, width: i32): i32 {
  return max(0, min(j, n - width));
}

/** Packs the panels of columns `[left, right)`, each at a multiple of 32 bytes times `depth`. */
function packBlock(
  b: usize,
  bRow: usize,
  transposed: bool,
  left: i32,
  right: i32,
  n: i32,
  depth: i32,
  to: usize,
): void {
  // A transposed B is contiguous along its depth. Another B is packed some rows at a time, so that a cache line that
  // two panels share is fetched once.
  const band = transposed ? depth : 16;
  for (let k = 0; k < depth; k += band) {
    const steps = min(band, depth - k);
    let panel = to;
    for (let j = left; j < right; ) {
      const width = panelWidth(j, n);
      const start = panelStart(j, n, width);
      const from = b + <usize>start * (transposed ? bRow : 4) + <usize>k * bRow;
      if (n < 4) packFewColumns(from, bRow, transposed, n, steps, panel + ((<usize>k) << 4));
      else packColumns(from, bRow, transposed, width, steps, panel + ((<usize>(k * width)) << 2));
      panel += (<usize>depth) << 5;
      j = start + width;
    }
  }
}

/** Copies columns `[first, last)` of a tile that was computed outside the matrix. */
function copyColumns(
  edge: usize,
  rows: i32,
  first: i32,
  last: i32,
  c: usize,
  cRow: usize,
  plus: usize,
  plusRow: usize,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = (<usize>first) << 2; j < (<usize>last) << 2; j += 4) {
      const value = load<f32>(edge + j);
      store<f32>(c + j, plus === 0 ? value : load<f32>(plus + j) + value);
    }
    edge += EDGE_ROW;
    c += cRow;
    plus += plusRow;
  }
}
