/**
 * `out[segment] = Σ x[row]` over the rows whose id is `segment`; rows with an id outside `[0, segments)` are ignored.
 * The gradient of `gather`: `x [rows, width]`, `ids [rows]`, `out [segments, width]`.
 */
export function segmentSum(x: usize, ids: usize, out: usize, rows: i32, width: i32, segments: i32): void {
  memory.fill(out, 0, (<usize>segments * width) << 2);
  const rowBytes = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    if (<u32>id < <u32>segments) addRow(out + <usize>id * rowBytes, x + <usize>row * rowBytes, width);
  }
}

function addRow(to: usize, from: usize, width: i32): void {
  let j = width;
  for (; j >= 4; j -= 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    to += 16;
    from += 16;
  }
  for (; j > 0; j--) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
    from += 4;
  }
}
