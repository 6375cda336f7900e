/** `y[row] += bias` for every row of `y [rows, width]`, in place. */
export function addBias(y: usize, bias: usize, rows: i32, width: i32): void {
  const whole = (<usize>(width & ~3)) << 2;
  const end = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    let i: usize = 0;
    for (; i < whole; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(bias + i)));
    for (; i < end; i += 4) store<f32>(y + i, load<f32>(y + i) + load<f32>(bias + i));
    y += end;
  }
}
