import { exp4, expRow } from './exp';
import { largest, total } from './lanes';

/**
 * Softmax over the rows of `x [rows, width]`, in three passes over each row. After the first, the row is in
 * the first-level cache.
 */
export function softmax(x: usize, y: usize, rows: i32, width: i32): void {
  const rowBytes = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    softmaxRow(x, y, width);
    x += rowBytes;
    y += rowBytes;
  }
}

function softmaxRow(x: usize, y: usize, width: i32): void {
  const whole = (<usize>(width & ~3)) << 2;
  const end = (<usize>width) << 2;

  let top = v128.load32_splat(x);
  let i: usize = 0;
  for (; i < whole; i += 16) top = f32x4.pmax(top, v128.load(x + i));
  for (; i < end; i += 4) top = f32x4.pmax(top, v128.load32_splat(x + i));
  top = f32x4.splat(largest(top));

  const sum = expRow(x, y, whole, top);
  let rest: f32 = 0;
  for (i = whole; i < end; i += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(x + i), top)), 0);
    rest += e;
    store<f32>(y + i, e);
  }

  const scale: f32 = <f32>1 / (total(sum) + rest);
  const scales = f32x4.splat(scale);
  for (i = 0; i < whole; i += 16) v128.store(y + i, f32x4.mul(v128.load(y + i), scales));
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(y + i) * scale);
}
