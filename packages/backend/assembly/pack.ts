// Panels: 8 columns of B (or 4 rows of A) side by side, so that a tile reads memory in the order in which it lies.

/** Columns `[0, count)` of B as `[depth][8]`, the missing ones zero. `transposed`: B is stored with its columns as rows. */
export function packPanel(b: usize, bRow: usize, transposed: bool, depth: i32, count: i32, to: usize): void {
  if (count === 8) {
    if (transposed) packTransposed8(b, bRow, depth, to);
    else packPlain8(b, bRow, depth, to);
    return;
  }
  const step: usize = transposed ? 4 : bRow;
  const column: usize = transposed ? bRow : 4;
  for (let k = 0; k < depth; k++) {
    let from = b;
    for (let j = 0; j < 8; j++) {
      store<f32>(to + ((<usize>j) << 2), j < count ? load<f32>(from) : 0);
      if (j + 1 < count) from += column;
    }
    b += step;
    to += 32;
  }
}

function packPlain8(b: usize, bRow: usize, depth: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(b));
    v128.store(to, v128.load(b, 16), 16);
    b += bRow;
    to += 32;
  }
}

function packTransposed8(b: usize, bRow: usize, depth: i32, to: usize): void {
  packTransposed4(b, bRow, depth, to, 32);
  packTransposed4(b + 4 * bRow, bRow, depth, to + 16, 32);
}

/** Four rows of `depth` neighbours, turned: entry k of the four rows goes to `to + k * toStep`. */
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

/** Four neighbouring columns of a matrix with `depth` rows, close together: `[depth][4]`. */
export function packColumns4(from: usize, row: usize, depth: i32, to: usize): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, v128.load(from));
    from += row;
    to += 16;
  }
}
