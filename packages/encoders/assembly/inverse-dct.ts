// Samples of a block from its coefficients (T.81, A.3.3), 8 × 8 or fewer. With n < 8, each of the n × n samples is the
// mean of the samples that it replaces, which only changes the weights. libjpeg's scaled decoding computes the same
// with integers; the differences are at most 1.
import { transformAcross, transformDown } from './exact-dct';
import { block, columns, rows } from './huffman';

/** `[side 4, 2][n / 2][8]`: upper half of the weights of each side. The lower half has its odd columns negated. */
const WEIGHTS: usize = memory.data<f32>([
  0.353553391, 0.453063723, 0.326640741, 0.159094823, 0, -0.106303762, -0.135299025, -0.0901199778, 0.353553391,
  0.187665139, -0.326640741, -0.384088878, 0, 0.256639984, 0.135299025, -0.037328917, 0.353553391, 0.320364431, 0,
  -0.112497028, 0, 0.0751681109, 0, -0.0637244474,
]);
const half: usize = memory.data(256);
const turned: usize = memory.data(256);

/**
 * Transforms four columns in one direction: from rows of 4 f32, `step` bytes apart, to n rows, `toStep` bytes apart.
 */
function transform(from: usize, step: usize, used: i32, weights: usize, n: usize, to: usize, toStep: usize): void {
  for (let i: usize = 0; i < n / 2; i++) {
    const w = weights + (i << 5);
    let even = f32x4.mul(v128.load(from), v128.load32_splat(w));
    let odd = f32x4.mul(v128.load(from + step), v128.load32_splat(w, 4));
    if (used & 0xfc) {
      if (n > 2) even = f32x4.add(even, f32x4.mul(v128.load(from + 2 * step), v128.load32_splat(w, 8)));
      odd = f32x4.add(odd, f32x4.mul(v128.load(from + 3 * step), v128.load32_splat(w, 12)));
    }
    if (used & 0xf0) {
      if (n > 2) even = f32x4.add(even, f32x4.mul(v128.load(from + 6 * step), v128.load32_splat(w, 24)));
      odd = f32x4.add(odd, f32x4.mul(v128.load(from + 5 * step), v128.load32_splat(w, 20)));
      odd = f32x4.add(odd, f32x4.mul(v128.load(from + 7 * step), v128.load32_splat(w, 28)));
    }
    v128.store(to + i * toStep, f32x4.add(even, odd));
    v128.store(to + (n - 1 - i) * toStep, f32x4.sub(even, odd));
  }
}

/** Transposes 4 × 4 f32 with rows `step` bytes apart. */
function transpose(from: usize, step: usize, to: usize, toStep: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + step);
  const c = v128.load(from + 2 * step);
  const d = v128.load(from + 3 * step);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
  v128.store(to + toStep, v128.shuffle<f64>(ab, cd, 1, 3));
  v128.store(to + 2 * toStep, v128.shuffle<f64>(AB, CD, 0, 2));
  v128.store(to + 3 * toStep, v128.shuffle<f64>(AB, CD, 1, 3));
}

/**
 * Converts four f32 around 0 to bytes around 128. Halves, which coarse quantisers produce often, round up like in
 * libjpeg.
 */
function toBytes(x: v128): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(x, f32x4.splat(128.5))));
  const words = i16x8.narrow_i32x4_s(whole, whole);
  return i8x16.narrow_i16x8_u(words, words);
}

/** Writes the block's `n` × `n` samples. */
export function writeSamples(n: i32, to: usize, row: usize): void {
  if ((rows | columns) === 1) fill(n, to, row);
  else if (n === 8) write8(to, row);
  else if (n === 4) write4(to, row);
  else if (n === 2) write2(to, row);
  else store<u8>(to, mean());
}

function mean(): i32 {
  return i8x16.extract_lane_u(toBytes(f32x4.splat(load<f32>(block) * 0.125)), 0);
}

/** Writes one value to all samples. */
function fill(n: usize, to: usize, row: usize): void {
  const value = i8x16.splat(<i8>mean());
  for (let y: usize = 0; y < n; y++) {
    if (n === 8) v128.store64_lane(to, value, 0);
    else if (n === 4) v128.store32_lane(to, value, 0);
    else if (n === 2) v128.store16_lane(to, value, 0);
    else v128.store8_lane(to, value, 0);
    to += row;
  }
}

/** Full size, as libjpeg computes it. */
function write8(to: usize, row: usize): void {
  transformDown(block);
  transposeAll8(block, turned);
  transformAcross(turned);
  transposeAll8(turned, half);
  const middle = i32x4.splat(128);
  for (let y: usize = 0; y < 8; y++) {
    const left = i32x4.add(v128.load(half + 32 * y), middle);
    const right = i32x4.add(v128.load(half + 32 * y, 16), middle);
    const words = i16x8.narrow_i32x4_s(left, right);
    v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
    to += row;
  }
}

function transposeAll8(from: usize, to: usize): void {
  transpose(from, 32, to, 32);
  transpose(from + 16, 32, to + 128, 32);
  transpose(from + 128, 32, to + 16, 32);
  transpose(from + 144, 32, to + 144, 32);
}

function write4(to: usize, row: usize): void {
  const weights = WEIGHTS;
  transform(block, 32, rows, weights, 4, half, 32);
  transform(block + 16, 32, rows, weights, 4, half + 16, 32);
  transpose(half, 32, turned, 16);
  transpose(half + 16, 32, turned + 64, 16);
  transform(turned, 16, columns, weights, 4, half, 16);
  transpose(half, 16, turned, 16);
  for (let y: usize = 0; y < 4; y++) v128.store32_lane(to + y * row, toBytes(v128.load(turned + 16 * y)), 0);
}

function write2(to: usize, row: usize): void {
  const weights = WEIGHTS + 64;
  transform(block, 32, rows, weights, 2, half, 32);
  transform(block + 16, 32, rows, weights, 2, half + 16, 32);
  for (let y: usize = 0; y < 2; y++) {
    const line = half + 32 * y;
    const even = load<f32>(line) * load<f32>(weights);
    let odd: f32 = 0;
    for (let k: usize = 4; k < 32; k += 8) odd += load<f32>(line + k) * load<f32>(weights + k);
    v128.store16_lane(to + y * row, toBytes(f32x4(even + odd, even - odd, 0, 0)), 0);
  }
}
