// Packing puts the numbers in the order in which a tile reads them: 8 or 4 columns of B, or the rows of one tile of A,
// side by side.

/** `width` (8 or 4) columns of B as `[depth][width]`. If `transposed`, B is stored with its columns as rows. */
export function packColumns(b: usize, bRow: usize, transposed: bool, width: i32, depth: i32, to: usize): void {
  const step = (<usize>width) << 2;
  if (transposed) {
    packTransposed4(b, bRow, depth, to, step);
    if (width === 8) packTransposed4(b + 4 * bRow, bRow, depth, to + 16, step);
    return;
  }
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(b));
    if (width === 8) v128.store(to, v128.load(b, 16), 16);
    b += bRow;
    to += step;
  }
}

/** Fewer than four columns as `[depth][4]`; the missing columns are zero. */
export function packFewColumns(b: usize, bRow: usize, transposed: bool, count: i32, depth: i32, to: usize): void {
  const step: usize = transposed ? 4 : bRow;
  const column: usize = transposed ? bRow : 4;
  for (let k = 0; k < depth; k++) {
    for (let j: usize = 0; j < 4; j++) store<f32>(to + (j << 2), j < <usize>count ? load<f32>(b + j * column) : 0);
    b += step;
    to += 16;
  }
}

/** `rows` neighbouring columns of a matrix with `depth` rows as `[depth][rows]`: the rows of a transposed A. */
export function packRows(a: usize, aRow: usize, rows: i32, depth: i32, to: usize): void {
  const bytes = (<usize>rows) << 2;
  for (let k = 0; k < depth; k++) {
    let i: usize = 0;
    if (rows >= 4) {
      v128.store(to, v128.load(a));
      i = 16;
    }
    if (rows & 2) {
      store<u64>(to + i, load<u64>(a + i));
      i += 8;
    }
    if (rows & 1) store<u32>(to + i, load<u32>(a + i));
    a += aRow;
    to += bytes;
  }
}

/** Transposes four rows of length `depth`: entry k of the four rows goes to `to + k * toStep`. */
export function packTransposed4(from: usize, row: usize, depth: i32, to: usize, toStep: usize): void {
  let r0 = from;
  let r1 = r0 + row;
  let r2 = r1 + row;
  let r3 = r2 + row;
  let k = depth;
  for (; k >= 4; k -= 4) {
    const x0 = v128.load(r0);
    const x1 = v128.load(r1);
    const x2 = v128.load(r2);
    const x3 = v128.load(r3);
    const lo01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const hi01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const lo23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const hi23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(lo01, lo23, 0, 1, 4, 5));
    to += toStep;
    v128.store(to, v128.shuffle<f32>(lo01, lo23, 2, 3, 6, 7));
    to += toStep;
    v128.store(to, v128.shuffle<f32>(hi01, hi23, 0, 1, 4, 5));
    to += toStep;
    v128.store(to, v128.shuffle<f32>(hi01, hi23, 2, 3, 6, 7));
    to += toStep;
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
  }
  for (; k > 0; k--) {
    store<f32>(to, load<f32>(r0));
    store<f32>(to, load<f32>(r1), 4);
    store<f32>(to, load<f32>(r2), 8);
    store<f32>(to, load<f32>(r3), 12);
    to += toStep;
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
  }
}
