// Decodes plain baseline JPEGs to small images, many of them. `open` refuses other files.
import { codeLengths, component, count, height, readHeader, restartInterval, width } from './header';
import { buildTable, predicted, readBlock } from './huffman';
import { writeSamples } from './inverse-dct';
import { reduce } from './reduce';

/** Maximum number of pixels after shrinking, which bounds memory. */
const MAX_PIXELS: f64 = 1048576;

let scan: usize = 0;
let fileEnd: usize = 0;
let side: i32 = 0;
let free: usize = 0;

/** Allocates memory for a file and frees everything else. @returns its address. */
export function reserve(bytes: usize): usize {
  free = __heap_base;
  return take(bytes + 16);
}

/** Allocates from a bump allocator that `reserve` resets for every image. */
function take(bytes: usize): usize {
  const at = (free + 15) & ~15;
  free = at + bytes;
  const pages = <i32>((free + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  return at;
}

export function sourceWidth(): i32 {
  return width;
}

export function sourceHeight(): i32 {
  return height;
}

/** @returns whether this decoder can decode the file at this address. */
export function open(file: usize, length: usize): bool {
  scan = readHeader(file, <i32>length);
  fileEnd = file + length;
  return scan !== 0;
}

/** Sets the factor (1, 2, 4, 8) by which decoding itself shrinks. @returns whether this decoder supports it. */
export function shrinkBy(factor: i32): bool {
  side = 8 / factor;
  if (<f64>shrunk(width) * <f64>shrunk(height) > MAX_PIXELS) return false;
  return count === 1 || load<i32>(component(0)) === 1 || factor > 1;
}

/** Cuts off a partial last row or column, like libvips. */
export function shrunk(pixels: i32): i32 {
  return max(1, (pixels * side) / 8);
}

/**
 * Decodes and resamples.
 *
 * @param weights f32 `[outHeight, rowTaps]`, i32 `[outHeight]` first rows, f32 `[outWidth, columnTaps]`, i32
 *   `[outWidth]` first columns
 * @returns the address of `[outHeight, outWidth, 3]` bytes; 0 if the file is damaged.
 */
export function decode(outWidth: i32, outHeight: i32, weights: usize, rowTaps: i32, columnTaps: i32): usize {
  for (let i = 0; i < 4; i++) {
    const lengths = load<usize>(codeLengths + 4 * i);
    if (lengths !== 0 && !buildTable(i, lengths)) return 0;
  }
  if (!readScan()) return 0;
  const inWidth = shrunk(width);
  const inHeight = shrunk(height);
  const rowStarts = weights + 4 * <usize>(outHeight * rowTaps);
  const columnWeights = rowStarts + 4 * <usize>outHeight;
  const columnStarts = columnWeights + 4 * <usize>(outWidth * columnTaps);
  const row = multipleOf8(inWidth);
  const halfRow = multipleOf8(outHeight);
  const outRow = multipleOf8(outWidth);
  const plane: usize = 4 * row * <usize>inHeight;
  const outPlane: usize = 4 * halfRow * outRow;
  const floats = take(plane * count);
  const half = take(4 * row * halfRow);
  const planes = take(outPlane * count);
  const pixels = take(3 * <usize>(outWidth * outHeight) + 16);
  toFloats(floats, inHeight, row);
  for (let c: usize = 0; c < <usize>count; c++) {
    reduce(floats + c * plane, inHeight, row, rowStarts, weights, rowTaps, outHeight, half, halfRow);
    reduce(half, inWidth, halfRow, columnStarts, columnWeights, columnTaps, outWidth, planes + c * outPlane, outRow);
  }
  interleave(planes, count === 1 ? 0 : outPlane, outWidth, outHeight, outRow, pixels);
  return pixels;
}

function multipleOf8(values: i32): usize {
  return (<usize>values + 7) & ~7;
}

/** Converts three f32 planes to `[height, width, 3]` bytes. */
function interleave(planes: usize, plane: usize, width: i32, height: i32, row: usize, to: usize): void {
  for (let y: usize = 0; y < <usize>height; y++) {
    let at = planes + 4 * row * y;
    let target = to + 3 * <usize>width * y;
    for (let x = 0; x < width; x += 4) {
      const red = i32x4.trunc_sat_f32x4_u(v128.load(at));
      const green = i32x4.trunc_sat_f32x4_u(v128.load(at + plane));
      const blue = i32x4.trunc_sat_f32x4_u(v128.load(at + 2 * plane));
      const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(red, green), i16x8.narrow_i32x4_s(blue, blue));
      v128.store(target, v128.shuffle<u8>(bytes, bytes, 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 12, 12, 12));
      at += 16;
      target += 12;
    }
  }
}

let planeRow: usize = 0;

function readScan(): bool {
  const h = load<i32>(component(0));
  const mcuSide = 8 * h;
  const across = (width + mcuSide - 1) / mcuSide;
  const down = (height + mcuSide - 1) / mcuSide;
  planeRow = (<usize>(across * h * side) + 31) & ~15; // vector loads read beyond the last pixel
  for (let c = 0; c < count; c++) store<usize>(component(c), take(planeRow * <usize>(down * h * side)), 28);
  const bits = take(fileEnd - scan + 256); // damaged blocks may read beyond the end
  let left = 0;
  let segmentBits = 0;
  let bit = 0;
  let at = scan;
  let restart = 0;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      if (left === 0) {
        if (at !== scan) {
          if (!isUsedUp(bit, segmentBits) || load<u8>(at, 1) !== 0xd0 + (restart++ & 7)) return false;
          at += 2;
        }
        at = unstuff(at, bits);
        if (at === 0) return false;
        segmentBits = segmentLength << 3;
        bit = 0;
        left = restartInterval !== 0 ? restartInterval : across * down;
        for (let c = 0; c < count; c++) store<i32>(component(c), 0, 20);
      }
      left--;
      for (let c = 0; c < count; c++) {
        const its = component(c);
        const blocks = load<i32>(its);
        const n = side * (h / blocks); // chroma of half the size shrinks half as much
        const dc = load<i32>(its, 12);
        const ac = load<i32>(its, 16);
        const quantiser = load<usize>(its, 8);
        const row = planeRow;
        let to = load<usize>(its, 28) + row * <usize>(y * h * side) + <usize>(x * h * side);
        for (let i = 0; i < blocks; i++) {
          for (let j = 0; j < blocks; j++) {
            bit = readBlock(bits, bit, dc, ac, quantiser, load<i32>(its, 20));
            if (bit < 0 || bit > segmentBits) return false;
            store<i32>(its, predicted, 20);
            writeSamples(n, to + <usize>(j * n), row);
          }
          to += row * <usize>n;
        }
      }
    }
  }
  return isUsedUp(bit, segmentBits) && load<u8>(at, 1) === 0xd9;
}

/** Whether less than a byte of padding is left. */
function isUsedUp(bit: i32, segmentBits: i32): bool {
  return bit <= segmentBits && segmentBits - bit < 8;
}

let segmentLength: i32 = 0;

/**
 * Copies the scan up to the next marker, without stuffed zeros.
 *
 * @returns the marker's address; 0 if the file ends first.
 */
function unstuff(from: usize, to: usize): usize {
  const start = to;
  const end = fileEnd;
  while (from + 1 < end) {
    if (from + 16 <= end) {
      const bytes = v128.load(from);
      const mask = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(-1)));
      v128.store(to, bytes);
      if (mask === 0) {
        from += 16;
        to += 16;
        continue;
      }
      const before = ctz(mask);
      from += before;
      to += before;
      if (from + 1 >= end) return 0;
    }
    const byte = load<u8>(from);
    store<u8>(to, byte);
    if (byte !== 255) {
      from++;
      to++;
      continue;
    }
    if (load<u8>(from, 1) !== 0) {
      segmentLength = <i32>(to - start);
      memory.fill(to, 0, 16);
      return from;
    }
    to++;
    from += 2;
  }
  return 0;
}

/** Converts byte planes, grey or YCbCr, to f32 planes of whole numbers 0 to 255, grey or RGB (JFIF's equations). */
function toFloats(to: usize, down: i32, rowLength: usize): void {
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

function floatsAt(from: usize): v128 {
  const words = i16x8.extend_low_i8x16_u(v128.load32_zero(from));
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words));
}

function whole(x: v128): v128 {
  return f32x4.nearest(f32x4.min(f32x4.max(x, f32x4.splat(0)), f32x4.splat(255)));
}
