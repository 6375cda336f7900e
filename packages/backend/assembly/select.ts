/**
 * `out = condition ? yes : no`, with one byte of `condition` and one float (or integer) of `yes` and `no` for each
 * result.
 */
export function select(condition: usize, yes: usize, no: usize, out: usize, count: i32): void {
  const zero = i32x4.splat(0);
  for (; count >= 4; count -= 4) {
    const bytes = v128.load32_zero(condition);
    const flags = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
    v128.store(out, v128.bitselect(v128.load(no), v128.load(yes), i32x4.eq(flags, zero)));
    condition += 4;
    yes += 16;
    no += 16;
    out += 16;
  }
  for (; count > 0; count--) {
    store<i32>(out, load<u8>(condition) ? load<i32>(yes) : load<i32>(no));
    condition++;
    yes += 4;
    no += 4;
    out += 4;
  }
}
