// Samples of a block of full size, with the integers of libjpeg's accurate transform, so that bytes are equal to its:
// Loeffler, Ligtenberg and Moschytz, 1989, constants of 13 bits, and two more bits between the two directions.

const BITS: i32 = 13;
const EXTRA: i32 = 2;

function times(x: v128, factor: i32): v128 {
  return i32x4.mul(x, i32x4.splat(factor));
}

function rounded(x: v128, shift: i32): v128 {
  return i32x4.shr_s(i32x4.add(x, i32x4.splat(1 << (shift - 1))), shift);
}

/** Transforms four columns of i32 `[8][8]` in place. */
function transformFour(at: usize, shift: i32): void {
  // Even rows.
  const two = v128.load(at, 64);
  const six = v128.load(at, 192);
  const both = times(i32x4.add(two, six), 4433);
  const e2 = i32x4.sub(both, times(six, 15137));
  const e3 = i32x4.add(both, times(two, 6270));
  const zero = v128.load(at);
  const four = v128.load(at, 128);
  const e0 = i32x4.shl(i32x4.add(zero, four), BITS);
  const e1 = i32x4.shl(i32x4.sub(zero, four), BITS);
  const a = i32x4.add(e0, e3);
  const b = i32x4.add(e1, e2);
  const c = i32x4.sub(e1, e2);
  const d = i32x4.sub(e0, e3);

  // Odd rows.
  const one = v128.load(at, 32);
  const three = v128.load(at, 96);
  const five = v128.load(at, 160);
  const seven = v128.load(at, 224);
  const z73 = i32x4.add(seven, three);
  const z51 = i32x4.add(five, one);
  const all = times(i32x4.add(z73, z51), 9633);
  const z3 = i32x4.sub(all, times(z73, 16069));
  const z4 = i32x4.sub(all, times(z51, 3196));
  const z1 = times(i32x4.add(seven, one), -7373);
  const z2 = times(i32x4.add(five, three), -20995);
  const o7 = i32x4.add(times(seven, 2446), i32x4.add(z1, z3));
  const o5 = i32x4.add(times(five, 16819), i32x4.add(z2, z4));
  const o3 = i32x4.add(times(three, 25172), i32x4.add(z2, z3));
  const o1 = i32x4.add(times(one, 12299), i32x4.add(z1, z4));

  v128.store(at, rounded(i32x4.add(a, o1), shift));
  v128.store(at, rounded(i32x4.add(b, o3), shift), 32);
  v128.store(at, rounded(i32x4.add(c, o5), shift), 64);
  v128.store(at, rounded(i32x4.add(d, o7), shift), 96);
  v128.store(at, rounded(i32x4.sub(d, o7), shift), 128);
  v128.store(at, rounded(i32x4.sub(c, o5), shift), 160);
  v128.store(at, rounded(i32x4.sub(b, o3), shift), 192);
  v128.store(at, rounded(i32x4.sub(a, o1), shift), 224);
}

/** Transforms the columns of coefficients, f32 `[8][8]` whole numbers, to i32. */
export function transformDown(block: usize): void {
  for (let at = block; at < block + 256; at += 16) v128.store(at, i32x4.trunc_sat_f32x4_s(v128.load(at)));
  transformFour(block, BITS - EXTRA);
  transformFour(block + 16, BITS - EXTRA);
}

/** Transforms the columns of what {@link transformDown} made, transposed, to i32 around 0. */
export function transformAcross(turned: usize): void {
  transformFour(turned, BITS + EXTRA + 3);
  transformFour(turned + 16, BITS + EXTRA + 3);
}
