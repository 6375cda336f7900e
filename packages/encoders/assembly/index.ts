// Decodes plain JPEGs, baseline or progressive, to images of a size, many of them. `open` refuses other files.
import { isUsedUp, segmentLength, unstuff } from './bits';
import { codeLengths, component, count, height, isProgressive, readHeader, restartInterval, width } from './header';
import { buildTable, predicted, readBlock } from './huffman';
import { writeSamples } from './inverse-dct';
import { take } from './memory';
import { doubleChroma, isHalved, placeOf, planeRow, samplesOf, takePlanes, toFloats } from './planes';
import { readScans, takeBlock } from './progressive';
import { reduce } from './reduce';

export { reserve, take } from './memory';

/** Maximum number of pixels after shrinking, which bounds memory. */
const MAX_PIXELS: f64 = 1048576;

let scan: usize = 0;
let fileEnd: usize = 0;
let side: i32 = 0;

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
  // libjpeg enlarges chroma of one or two columns in another way.
  return count === 1 || load<i32>(component(0)) === 1 || factor > 1 || width > 4;
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
 * @param keepsExcess whether values outside 0 … 255 stay so between the two directions
 * @returns the address of `[outHeight, outWidth, 3]` bytes; 0 if the file is damaged.
 */
export function decode(
  outWidth: i32,
  outHeight: i32,
  weights: usize,
  rowTaps: i32,
  columnTaps: i32,
  keepsExcess: bool,
): usize {
  takePlanes(side);
  if (!(isProgressive ? readScans(scan, fileEnd) && drawBlocks() : readBaseline())) return 0;
  if (isHalved) doubleChroma();
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
  const least: f32 = keepsExcess ? -1024 : 0;
  const most: f32 = keepsExcess ? 1024 : 255;
  for (let c: usize = 0; c < <usize>count; c++) {
    const from = floats + c * plane;
    const to = planes + c * outPlane;
    reduce(from, inHeight, row, rowStarts, weights, rowTaps, outHeight, half, halfRow, least, most);
    reduce(half, inWidth, halfRow, columnStarts, columnWeights, columnTaps, outWidth, to, outRow, 0, 255);
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

/** Writes the samples of all blocks of a progressive file. @returns false if a coefficient is too large. */
function drawBlocks(): bool {
  for (let c = 0; c < count; c++) {
    const its = component(c);
    const n = samplesOf(c);
    for (let y = 0; y < load<i32>(its, 44); y++) {
      for (let x = 0; x < load<i32>(its, 40); x++) {
        if (!takeBlock(c, x, y)) return false;
        writeSamples(n, placeOf(c, x, y), planeRow);
      }
    }
  }
  return true;
}

/** Reads the scan of a baseline file and writes the samples of its blocks. @returns false if the file is damaged. */
function readBaseline(): bool {
  for (let i = 0; i < 4; i++) {
    const lengths = load<usize>(codeLengths + 4 * i);
    if (lengths !== 0 && !buildTable(i, lengths)) return false;
  }
  const unit = 8 * load<i32>(component(0));
  const across = (width + unit - 1) / unit;
  const down = (height + unit - 1) / unit;
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
        at = unstuff(at, bits, fileEnd);
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
        const n = samplesOf(c);
        const dc = load<i32>(its, 12);
        const ac = load<i32>(its, 16);
        const quantiser = load<usize>(its, 8);
        let to = placeOf(c, x * blocks, y * blocks);
        for (let i = 0; i < blocks; i++) {
          for (let j = 0; j < blocks; j++) {
            bit = readBlock(bits, bit, dc, ac, quantiser, load<i32>(its, 20));
            if (bit < 0 || bit > segmentBits) return false;
            store<i32>(its, predicted, 20);
            writeSamples(n, to + <usize>(j * n), planeRow);
          }
          to += planeRow * <usize>n;
        }
      }
    }
  }
  return isUsedUp(bit, segmentBits) && load<u8>(at, 1) === 0xd9;
}
