// Samples of the components: byte planes, which become f32 planes of whole numbers from 0 to 255, grey or RGB.
import { component, count, height, width } from './header';
import { take } from './memory';

/** Length of a row of a byte plane. */
export let planeRow: usize = 0;

/** Whether chroma has half the size of luma, and decoding does not even it out. */
export let isHalved: bool = false;

let side: i32 = 0;

/** Takes memory for a plane of each component. @param samples that each 8 × 8 block of luma gets in each direction */
export function takePlanes(samples: i32): void {
  side = samples;
  const h = load<i32>(component(0));
  isHalved = side === 8 && h === 2;
  const unit = 8 * h;
  const across = (width + unit - 1) / unit;
  const down = (height + unit - 1) / unit;
  planeRow = (<usize>(across * h * side) + 31) & ~15; // vector loads read beyond the last pixel
  for (let c = 0; c < count; c++) store<usize>(component(c), take(planeRow * <usize>(down * h * side)), 28);
}

/** Samples of each block of a component in each direction: chroma of half the size shrinks half as much. */
export function samplesOf(c: i32): i32 {
  return isHalved ? 8 : side * (load<i32>(component(0)) / load<i32>(component(c)));
}

/** Where the block of a component stands in its plane. */
export function placeOf(c: i32, x: i32, y: i32): usize {
  const n = samplesOf(c);
  return load<usize>(component(c), 28) + planeRow * <usize>(y * n) + <usize>(x * n);
}

/** Brings halved chroma to the size of luma. */
export function doubleChroma(): void {
  const across = (width + 1) / 2;
  const down = (height + 1) / 2;
  const sums = take(2 * planeRow + 64) + 32;
  for (let c = 1; c < count; c++) {
    const to = take(planeRow * <usize>(2 * down));
    double(load<usize>(component(c), 28), across, down, sums, to);
    store<usize>(component(c), to, 28);
  }
}

/**
 * Doubles both sides. Each value is 9/16 of the nearest sample, 3/16 of the next ones across and down, and 1/16 of the
 * one between them, with libjpeg's rounding. Edges repeat.
 *
 * @param sums room for a row of u16, with a value before and after it
 */
function double(from: usize, across: i32, down: i32, sums: usize, to: usize): void {
  const three = i16x8.splat(3);
  for (let y = 0; y < 2 * down; y++) {
    const near = from + planeRow * <usize>(y >> 1);
    const far = from + planeRow * <usize>min(down - 1, max(0, (y >> 1) + (y & 1 ? 1 : -1)));
    for (let x: usize = 0; x < <usize>across; x += 8) {
      const nearest = i16x8.extend_low_i8x16_u(v128.load64_zero(near + x));
      const next = i16x8.extend_low_i8x16_u(v128.load64_zero(far + x));
      v128.store(sums + 2 * x, i16x8.add(i16x8.mul(nearest, three), next));
    }
    store<u16>(sums - 2, load<u16>(sums));
    store<u16>(sums + 2 * <usize>across, load<u16>(sums + 2 * <usize>(across - 1)));
    for (let x: usize = 0; x < <usize>across; x += 8) {
      const at = sums + 2 * x;
      const middle = i16x8.mul(v128.load(at), three);
      const even = i16x8.shr_u(i16x8.add(i16x8.add(middle, v128.load(at - 2)), i16x8.splat(8)), 4);
      const odd = i16x8.shr_u(i16x8.add(i16x8.add(middle, v128.load(at + 2)), i16x8.splat(7)), 4);
      v128.store(to + 2 * x, v128.or(even, i16x8.shl(odd, 8)));
    }
    to += planeRow;
  }
}

/**
 * Converts byte planes, grey or YCbCr, to f32 planes of whole numbers 0 to 255, grey or RGB (JFIF's equations). Images
 * of full size get libjpeg's integers.
 */
export function toFloats(to: usize, down: i32, rowLength: usize): void {
  const plane: usize = 4 * rowLength * <usize>down;
  for (let y: usize = 0; y < <usize>down; y++) {
    const from = y * planeRow;
    const luma = load<usize>(component(0), 28) + from;
    let target = to + 4 * rowLength * y;
    if (count === 1) {
      for (let x: usize = 0; x < rowLength; x += 4) v128.store(target + 4 * x, floatsAt(luma + x));
      continue;
    }
    const blue = load<usize>(component(1), 28) + from;
    const red = load<usize>(component(2), 28) + from;
    if (side === 8) {
      for (let x: usize = 0; x < rowLength; x += 4) exactly(luma + x, blue + x, red + x, target + 4 * x, plane);
      continue;
    }
    const middle = f32x4.splat(128);
    for (let x: usize = 0; x < rowLength; x += 4) {
      const Y = floatsAt(luma + x);
      const cb = f32x4.sub(floatsAt(blue + x), middle);
      const cr = f32x4.sub(floatsAt(red + x), middle);
      v128.store(target, whole(f32x4.add(Y, f32x4.mul(cr, f32x4.splat(1.402)))));
      const green = f32x4.add(f32x4.mul(cb, f32x4.splat(0.344136)), f32x4.mul(cr, f32x4.splat(0.714136)));
      v128.store(target + plane, whole(f32x4.sub(Y, green)));
      v128.store(target + 2 * plane, whole(f32x4.add(Y, f32x4.mul(cb, f32x4.splat(1.772)))));
      target += 16;
    }
  }
}

/** Four pixels with constants of 16 bits. */
function exactly(luma: usize, blue: usize, red: usize, to: usize, plane: usize): void {
  const middle = i32x4.splat(128);
  const Y = integersAt(luma);
  const cb = i32x4.sub(integersAt(blue), middle);
  const cr = i32x4.sub(integersAt(red), middle);
  storeExactly(Y, i32x4.mul(cr, i32x4.splat(91881)), to);
  const green = i32x4.add(i32x4.mul(cb, i32x4.splat(-22554)), i32x4.mul(cr, i32x4.splat(-46802)));
  storeExactly(Y, green, to + plane);
  storeExactly(Y, i32x4.mul(cb, i32x4.splat(116130)), to + 2 * plane);
}

function storeExactly(Y: v128, chroma: v128, to: usize): void {
  const value = i32x4.add(Y, i32x4.shr_s(i32x4.add(chroma, i32x4.splat(32768)), 16));
  v128.store(to, f32x4.convert_i32x4_s(i32x4.min_s(i32x4.max_s(value, i32x4.splat(0)), i32x4.splat(255))));
}

function floatsAt(from: usize): v128 {
  return f32x4.convert_i32x4_u(integersAt(from));
}

function integersAt(from: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
}

function whole(x: v128): v128 {
  return f32x4.nearest(f32x4.min(f32x4.max(x, f32x4.splat(0)), f32x4.splat(255)));
}
