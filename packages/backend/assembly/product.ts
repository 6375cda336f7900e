import { packColumns4, packPanel, packTransposed4 } from './pack';
import { tile, tileRow } from './tile';

// Block sizes: a panel of B (DEPTH x 8) stays in the first-level cache, a block of B (DEPTH x WIDTH) and one of A (HEIGHT x DEPTH)
// in the second.
const DEPTH: i32 = 256;
const WIDTH: i32 = 256;
const HEIGHT: i32 = 64;

const TILE_BYTES: usize = 4 * 8 * 4;
const A_BYTES: usize = <usize>(HEIGHT * DEPTH * 4);
const B_BYTES: usize = <usize>(WIDTH * DEPTH * 4);

/** Bytes that {@link product} needs at `scratch`. */
export function scratchBytes(): i32 {
  return <i32>(TILE_BYTES + A_BYTES + B_BYTES);
}

/**
 * `C[m,n] = op(A)[m,k] op(B)[k,n]` for each of `batch` products; `op` transposes where asked.
 * A stride of 0 between products uses the same matrix for all of them.
 */
export function product(
  a: usize,
  b: usize,
  c: usize,
  batch: i32,
  aStride: usize,
  bStride: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  scratch: usize,
): void {
  const cStride = (<usize>(m * n)) << 2;
  if (k === 0) {
    memory.fill(c, 0, <usize>batch * cStride);
    return;
  }
  for (let i = 0; i < batch; i++) {
    one(a, b, c, m, n, k, transposeA, transposeB, scratch);
    a += aStride;
    b += bStride;
    c += cStride;
  }
}

function one(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  scratch: usize,
): void {
  const edge = scratch;
  const aPacked = edge + TILE_BYTES;
  const bPacked = aPacked + A_BYTES;
  const aRow = (<usize>(transposeA ? m : k)) << 2;
  const bRow = (<usize>(transposeB ? k : n)) << 2;
  const cRow = (<usize>n) << 2;
  // A tile wants A's rows side by side. Transposed, they lie so already, unless the strides between steps fall out of the cache.
  const packA = m >= 4 && (!transposeA || (n >= 64 && k * m > 65536));
  // And B's columns; packing plain ones pays where they are read often.
  const packB = transposeB || (m >= 32 && k * n > 8192);

  for (let j0 = 0; j0 < n; j0 += WIDTH) {
    const width = min(WIDTH, n - j0);
    for (let k0 = 0; k0 < k; k0 += DEPTH) {
      const depth = min(DEPTH, k - k0);
      const panelBytes = (<usize>depth) << 5;
      const bBlock = block(b, bRow, transposeB, k0, j0);
      for (let j = 0; j < width; j += 8) {
        const count = min(8, width - j);
        const to = bPacked + <usize>(j >> 3) * panelBytes;
        if (packB || count < 8) packPanel(block(bBlock, bRow, transposeB, 0, j), bRow, transposeB, depth, count, to);
      }
      for (let i0 = 0; i0 < m; i0 += HEIGHT) {
        const height = min(HEIGHT, m - i0);
        const aBlock = block(a, aRow, transposeA, i0, k0);
        const packing = packA && height >= 4;
        if (packing) packBlockOfA(aBlock, aRow, transposeA, depth, height, aPacked);
        for (let j = 0; j < width; j += 8) {
          const count = min(8, width - j);
          const packed = packB || count < 8;
          const panel = packed ? bPacked + <usize>(j >> 3) * panelBytes : block(bBlock, bRow, false, 0, j);
          const bStep: usize = packed ? 32 : bRow;
          const to = block(c, cRow, false, i0, j0 + j);
          if (height < 4) {
            const step: usize = transposeA ? aRow : 4;
            const next: usize = transposeA ? 4 : aRow;
            thinColumn(aBlock, next, step, panel, bStep, depth, height, count, to, cRow, k0 > 0, edge);
          } else if (packing) {
            column(aPacked, (<usize>depth) << 2, 0, 16, panel, bStep, depth, height, count, to, cRow, k0 > 0, edge);
          } else {
            column(aBlock, 4, 4, aRow, panel, bStep, depth, height, count, to, cRow, k0 > 0, edge);
          }
        }
      }
    }
  }
}

/** Address of entry (i, j) of op(X), rows of X being `row` bytes long. */
function block(x: usize, row: usize, transposed: bool, i: i32, j: i32): usize {
  return transposed ? x + <usize>j * row + ((<usize>i) << 2) : x + <usize>i * row + ((<usize>j) << 2);
}

/** The tiles below each other in one panel's `count` columns; per row down, A moves by `next` bytes, and `back` per row of overlap. */
function column(
  a: usize,
  next: usize,
  back: usize,
  aStep: usize,
  panel: usize,
  bStep: usize,
  depth: i32,
  height: i32,
  count: i32,
  c: usize,
  cRow: usize,
  accumulate: bool,
  edge: usize,
): void {
  for (let i = 0; i < height; i += 4) {
    // The last tile overlaps the one before it where the height is not a multiple of four, and stores the new rows only.
    const top = min(i, height - 4);
    const firstRow = i - top;
    const from = a + <usize>i * next - <usize>firstRow * back;
    const to = c + <usize>top * cRow;
    if (count === 8) {
      tile(from, aStep, panel, bStep, depth, to, cRow, firstRow, accumulate);
    } else {
      tile(from, aStep, panel, bStep, depth, edge, 32, firstRow, false);
      copyRows(edge, to, cRow, firstRow, 4, count, accumulate);
    }
  }
}

/** The same for fewer than four rows. */
function thinColumn(
  a: usize,
  next: usize,
  aStep: usize,
  panel: usize,
  bStep: usize,
  depth: i32,
  height: i32,
  count: i32,
  c: usize,
  cRow: usize,
  accumulate: bool,
  edge: usize,
): void {
  for (let i = 0; i < height; i++) {
    if (count === 8) {
      tileRow(a, aStep, panel, bStep, depth, c, accumulate);
    } else {
      tileRow(a, aStep, panel, bStep, depth, edge, false);
      copyRows(edge, c, cRow, 0, 1, count, accumulate);
    }
    a += next;
    c += cRow;
  }
}

function packBlockOfA(a: usize, aRow: usize, transposed: bool, depth: i32, height: i32, to: usize): void {
  for (let i = 0; i < height; i += 4) {
    const top = <usize>min(i, height - 4);
    if (transposed) packColumns4(a + (top << 2), aRow, depth, to);
    else packTransposed4(a + top * aRow, aRow, depth, to, 16);
    to += (<usize>depth) << 4;
  }
}

/** The part of a tile at the right edge that exists. */
function copyRows(edge: usize, c: usize, cRow: usize, firstRow: i32, rows: i32, count: i32, accumulate: bool): void {
  for (let i = firstRow; i < rows; i++) {
    for (let j = 0; j < count; j++) {
      const to = c + <usize>i * cRow + ((<usize>j) << 2);
      const value = load<f32>(edge + ((<usize>i) << 5) + ((<usize>j) << 2));
      store<f32>(to, accumulate ? load<f32>(to) + value : value);
    }
  }
}
