// Resampling in one direction: each output row is a weighted sum of neighbouring input rows.

/**
 * Reduces f32 `[height, width]` to `[out, width]`, whole numbers from `least` to `most`. The result is stored transposed,
 * `[width, out]`, so that a second call reduces the other direction.
 *
 * @param starts `[out]` i32: first input row of each sum. Rows beyond an edge repeat the edge.
 * @param weights `[out, taps]` f32
 * @param width including padding, a multiple of 8
 * @param toRow length of a row of the result, including padding, a multiple of 8
 */
export function reduce(
  from: usize,
  height: i32,
  width: usize,
  starts: usize,
  weights: usize,
  taps: i32,
  out: i32,
  to: usize,
  toRow: usize,
  least: f32,
  most: f32,
): void {
  const row = width << 2;
  const step = toRow << 2;
  for (let y: usize = 0; y < <usize>out; y++) {
    const start = load<i32>(starts + (y << 2));
    const isInside = start >= 0 && start + taps <= height;
    let target = to + (y << 2);
    for (let x: usize = 0; x < row; x += 32) {
      let sum = f32x4.splat(0);
      let next = sum;
      let w = weights + y * ((<usize>taps) << 2);
      let at = from + <usize>max(0, start) * row + x;
      for (let i = start; i < start + taps; i++) {
        if (!isInside) at = from + <usize>max(0, min(height - 1, i)) * row + x;
        const weight = v128.load32_splat(w);
        sum = f32x4.add(sum, f32x4.mul(v128.load(at), weight));
        next = f32x4.add(next, f32x4.mul(v128.load(at, 16), weight));
        at += row;
        w += 4;
      }
      target = storeDown(within(sum, least, most), target, step);
      target = storeDown(within(next, least, most), target, step);
    }
  }
}

function within(sum: v128, least: f32, most: f32): v128 {
  return f32x4.nearest(f32x4.min(f32x4.max(sum, f32x4.splat(least)), f32x4.splat(most)));
}

/** Stores four values as a column. @returns the address of the next value. */
function storeDown(whole: v128, to: usize, step: usize): usize {
  v128.store32_lane(to, whole, 0);
  v128.store32_lane(to + step, whole, 1);
  v128.store32_lane(to + 2 * step, whole, 2);
  v128.store32_lane(to + 3 * step, whole, 3);
  return to + 4 * step;
}
