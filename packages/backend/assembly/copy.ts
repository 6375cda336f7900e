import { packTransposed4 } from './pack';

/** Most slices are short, and for them a call of `memory.copy` costs more than the copy itself. */
function copyBytes(to: usize, from: usize, bytes: usize): void {
  if (bytes >= 1024) {
    memory.copy(to, from, bytes);
    return;
  }
  for (; bytes >= 16; bytes -= 16) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
  for (; bytes >= 4; bytes -= 4) {
    store<i32>(to, load<i32>(from));
    to += 4;
    from += 4;
  }
  for (; bytes > 0; bytes--) {
    store<u8>(to, load<u8>(from));
    to++;
    from++;
  }
}

/**
 * `out[batch, outer, i] = x[batch, outer, ids[batch, i]]`, slices of `slice` bytes.
 * @returns the index of the first id outside `[0, size)`, or -1.
 */
export function gather(
  x: usize,
  ids: usize,
  out: usize,
  batch: i32,
  outer: i32,
  size: i32,
  count: i32,
  slice: usize,
): i32 {
  for (let i = 0; i < batch * count; i++) {
    if (<u32>load<i32>(ids + ((<usize>i) << 2)) >= <u32>size) return i;
  }
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < count; i++) {
        copyBytes(out, x + <usize>load<i32>(ids + ((<usize>i) << 2)) * slice, slice);
        out += slice;
      }
      x += <usize>size * slice;
    }
    ids += (<usize>count) << 2;
  }
  return -1;
}

/** `out[block, repeat] = x[block]`, blocks of `bytes` bytes. */
export function repeat(x: usize, out: usize, blocks: i32, repeats: i32, bytes: usize): void {
  for (let b = 0; b < blocks; b++) {
    if (bytes === 4) {
      fillWords(out, load<i32>(x), repeats);
      out += (<usize>repeats) << 2;
    } else {
      for (let r = 0; r < repeats; r++) {
        copyBytes(out, x, bytes);
        out += bytes;
      }
    }
    x += bytes;
  }
}

function fillWords(to: usize, word: i32, count: i32): void {
  const words = i32x4.splat(word);
  for (; count >= 4; count -= 4) {
    v128.store(to, words);
    to += 16;
  }
  for (; count > 0; count--) {
    store<i32>(to, word);
    to += 4;
  }
}

/** `[outer, rows, columns, words]` → `[outer, columns, rows, words]`. */
export function swapAxes(x: usize, out: usize, outer: i32, rows: i32, columns: i32, words: i32): void {
  const slice = (<usize>words) << 2;
  const matrix = <usize>(rows * columns) * slice;
  for (let o = 0; o < outer; o++) {
    if (words === 1) {
      transpose(x, out, rows, columns);
    } else {
      for (let c = 0; c < columns; c++) {
        let from = x + <usize>c * slice;
        let to = out + <usize>c * <usize>rows * slice;
        for (let r = 0; r < rows; r++) {
          copyBytes(to, from, slice);
          from += <usize>columns * slice;
          to += slice;
        }
      }
    }
    x += matrix;
    out += matrix;
  }
}

/** Transposes a matrix `[rows, columns]`, four rows at a time. */
function transpose(x: usize, out: usize, rows: i32, columns: i32): void {
  const row = (<usize>columns) << 2;
  const outRow = (<usize>rows) << 2;
  let r = 0;
  for (; r + 4 <= rows; r += 4) packTransposed4(x + <usize>r * row, row, columns, out + ((<usize>r) << 2), outRow);
  for (; r < rows; r++) {
    let from = x + <usize>r * row;
    let to = out + ((<usize>r) << 2);
    for (let c = 0; c < columns; c++) {
      store<i32>(to, load<i32>(from));
      from += 4;
      to += outRow;
    }
  }
}

/**
 * Copies `rows` slices of `bytes` bytes; they are `fromStep` bytes apart at `from`, and `toStep` bytes apart at `to`.
 */
export function copyRows(from: usize, fromStep: usize, to: usize, toStep: usize, bytes: usize, rows: i32): void {
  if (fromStep === bytes && toStep === bytes) {
    copyBytes(to, from, bytes * <usize>rows);
    return;
  }
  for (; rows > 0; rows--) {
    copyBytes(to, from, bytes);
    from += fromStep;
    to += toStep;
  }
}

/** `out[outer, i] = x[outer, count − 1 − i]`, slices of `slice` bytes. */
export function reverse(x: usize, out: usize, outer: i32, count: i32, slice: usize): void {
  const block = <usize>count * slice;
  for (; outer > 0; outer--) {
    let from = x + block;
    for (let i = 0; i < count; i++) {
      from -= slice;
      copyBytes(out, from, slice);
      out += slice;
    }
    x += block;
  }
}
