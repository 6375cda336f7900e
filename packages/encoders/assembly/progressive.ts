// Scans of a progressive JPEG (T.81, annex G). Each brings some coefficients of all blocks, or one more bit of them.
// What libjpeg only warns of is refused, because sharp decides there.
import { bitAt, isUsedUp, segmentLength, unstuff, windowAt } from './bits';
import { codeLengths, component, count, height, scanned, scanStart, skipToScan, width } from './header';
import { block, buildTable, LARGEST, setUsed, signed, symbolOf, tableOf, WHOLE, ZIGZAG } from './huffman';
import { take } from './memory';

/** Most coefficients, which bounds memory: 4 million pixels with half chroma take 12 MB. */
const MAX_COEFFICIENTS: f64 = 4194304;

/** Larger coefficients would not fit into libjpeg's. */
const MAX_LEVEL: i32 = 1 << 14;

/** i8 `[3][64]`: how many low bits of each coefficient are still to come; −1 before its first scan. */
const missing: usize = memory.data(192);
/** f32 `[3][64]`: quantisers in natural order. */
const natural: usize = memory.data(768);

let from: i32 = 0;
let to: i32 = 0;
let low: i32 = 0;
let bits: usize = 0;
let segmentBits: i32 = 0;

/** Reads all scans. @param scan data of the first one @returns false unless they are complete and without a fault. */
export function readScans(scan: usize, fileEnd: usize): bool {
  if (!makeRoom()) return false;
  bits = take(fileEnd - scan + 512); // damaged blocks may read beyond the end
  memory.fill(missing, 255, 192);
  while (scan !== 0) {
    if (!startScan()) return false;
    const end = unstuff(scan, bits, fileEnd);
    if (end === 0) return false;
    segmentBits = segmentLength << 3;
    const bit = from === 0 ? readFirsts() : readOthers(component(load<u8>(scanned)));
    if (bit < 0 || !isUsedUp(bit, segmentBits)) return false;
    if (load<u8>(end, 1) === 0xd9) return isComplete();
    scan = skipToScan(end, fileEnd);
  }
  return false;
}

/** Blocks of each component, with those that fill the last units. */
function makeRoom(): bool {
  const h = load<i32>(component(0));
  const unit = 8 * h;
  const across = (width + unit - 1) / unit;
  const down = (height + unit - 1) / unit;
  let coefficients: f64 = 0;
  for (let c = 0; c < count; c++) {
    const own = load<i32>(component(c));
    coefficients += 64 * <f64>(across * own) * <f64>(down * own);
  }
  if (coefficients > MAX_COEFFICIENTS) return false;
  for (let c = 0; c < count; c++) {
    const its = component(c);
    const own = load<i32>(its);
    const bytes = <usize>(128 * across * own * down * own);
    const at = take(bytes);
    memory.fill(at, 0, bytes);
    store<usize>(its, at, 32);
    store<i32>(its, across * own, 36);
    // Without the blocks that only fill units.
    store<i32>(its, (width * own + unit - 1) / unit, 40);
    store<i32>(its, (height * own + unit - 1) / unit, 44);
    const quantiser = load<usize>(its, 8);
    for (let k: usize = 0; k < 64; k++) {
      const place = <usize>c * 256 + ((<usize>load<u8>(ZIGZAG + k)) << 2);
      store<f32>(natural + place, load<f32>(quantiser + (k << 2)));
    }
  }
  return true;
}

/** Reads what the scan brings, and checks that it is its turn. */
function startScan(): bool {
  const progression = scanStart;
  const parts: i32 = load<u8>(scanned, 4);
  from = load<u8>(progression);
  to = load<u8>(progression, 1);
  const high: i32 = load<u8>(progression, 2) >> 4;
  low = load<u8>(progression, 2) & 15;
  if (low > 13 || (high !== 0 && high !== low + 1) || to > 63 || from > to) return false;
  if (from === 0 ? to !== 0 || (parts !== 1 && parts !== count) : parts !== 1) return false;
  for (let i = 0; i < parts; i++) {
    const c = load<u8>(scanned + i);
    const its = component(c);
    const known = missing + 64 * <usize>c;
    if (from !== 0 && load<i8>(known) < 0) return false;
    for (let k = <usize>from; k <= <usize>to; k++) {
      if (load<i8>(known + k) !== (high === 0 ? -1 : high)) return false;
      store<i8>(known + k, low);
    }
    store<i32>(its, 0, 20);
    if (from === 0 && high !== 0) continue; // needs no table
    const table = load<i32>(its + (from === 0 ? 12 : 16));
    const lengths = load<usize>(codeLengths + 4 * table);
    if (lengths === 0 || !buildTable(table, lengths)) return false;
  }
  isFirst = high === 0;
  return true;
}

let isFirst: bool = false;

function isComplete(): bool {
  for (let c: usize = 0; c < <usize>count; c++) {
    for (let k: usize = 0; k < 64; k++) if (load<i8>(missing + 64 * c + k) !== 0) return false;
  }
  return true;
}

/** Reads the first coefficients of all blocks. @returns the bit after them; -1 if they are invalid. */
function readFirsts(): i32 {
  let bit = 0;
  if (load<u8>(scanned, 4) === 1) {
    const its = component(load<u8>(scanned));
    for (let y = 0; y < load<i32>(its, 44); y++) {
      for (let x = 0; x < load<i32>(its, 40); x++) {
        bit = readFirst(its, bit, x, y);
        if (bit < 0) return -1;
      }
    }
    return bit;
  }
  const h = load<i32>(component(0));
  const unit = 8 * h;
  const across = (width + unit - 1) / unit;
  const down = (height + unit - 1) / unit;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      for (let c = 0; c < count; c++) {
        const its = component(c);
        const own = load<i32>(its);
        for (let i = 0; i < own; i++) {
          for (let j = 0; j < own; j++) {
            bit = readFirst(its, bit, x * own + j, y * own + i);
            if (bit < 0) return -1;
          }
        }
      }
    }
  }
  return bit;
}

function readFirst(its: usize, bit: i32, x: i32, y: i32): i32 {
  if (bit > segmentBits) return -1;
  const at = blockAt(its, x, y);
  if (!isFirst) {
    store<i16>(at, <i16>(load<i16>(at) | (bitAt(bits, bit) << low)));
    return bit + 1;
  }
  const window = windowAt(bits, bit);
  const entry = symbolOf(tableOf(load<i32>(its, 12)), window);
  const size = (entry >> 8) & 255;
  if (entry === 0 || size > 11) return -1;
  const length = entry & 127;
  let first = load<i32>(its, 20);
  if (entry & WHOLE) {
    first += entry >> 16;
    bit += length;
  } else {
    if (size !== 0) first += signed(window << length, size);
    bit += length + size;
  }
  store<i32>(its, first, 20);
  if (abs(first << low) > MAX_LEVEL) return -1;
  store<i16>(at, <i16>(first << low));
  return bit;
}

function blockAt(its: usize, x: i32, y: i32): usize {
  return load<usize>(its, 32) + ((<usize>(y * load<i32>(its, 36) + x)) << 7);
}

/** Reads other coefficients of one component. @returns the bit after them; -1 if they are invalid. */
function readOthers(its: usize): i32 {
  const look = tableOf(load<i32>(its, 16));
  const across = load<i32>(its, 40);
  const down = load<i32>(its, 44);
  let bit = 0;
  blank = 0;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const at = blockAt(its, x, y);
      if (!isFirst) bit = refine(at, look, bit);
      else if (blank > 0) blank--;
      else bit = readBand(at, look, bit);
      if (bit < 0 || bit > segmentBits) return -1;
    }
  }
  return blank === 0 ? bit : -1;
}

/** How many of the next blocks have no further coefficient in this scan. */
let blank: i32 = 0;

/** Reads the coefficients of one block. */
function readBand(at: usize, look: usize, bit: i32): i32 {
  for (let k = from; k <= to; k++) {
    const window = windowAt(bits, bit);
    const entry = symbolOf(look, window);
    if (entry === 0) return -1;
    const length = entry & 127;
    const zeros = (entry >> 12) & 15;
    let value = entry >> 16;
    if (entry & WHOLE) bit += length;
    else {
      const size = (entry >> 8) & 15;
      bit += length + size;
      if (size === 0) {
        if (zeros === 15) {
          k += 15;
          continue;
        }
        blank = (1 << zeros) - 1;
        if (zeros !== 0) blank += <i32>((window << length) >> (64 - zeros));
        return bit + zeros;
      }
      value = signed(window << length, size);
    }
    k += zeros;
    if (k > to || abs(value << low) > MAX_LEVEL) return -1;
    store<i16>(at + ((<usize>load<u8>(ZIGZAG + k)) << 1), <i16>(value << low));
  }
  return bit;
}

/** Reads one more bit of the coefficients of one block, and those that are not zero from this bit on. */
function refine(at: usize, look: usize, bit: i32): i32 {
  let k = from;
  if (blank === 0) {
    for (; k <= to; k++) {
      const window = windowAt(bits, bit);
      const entry = symbolOf(look, window);
      if (entry === 0) return -1;
      const size = (entry >> 8) & 15;
      let zeros = (entry >> 12) & 15;
      const length = (entry & 127) - (entry & WHOLE ? size : 0);
      bit += length;
      let value = 0;
      if (size === 0) {
        if (zeros !== 15) {
          blank = 1 << zeros; // with this block
          if (zeros !== 0) blank += <i32>((window << length) >> (64 - zeros));
          bit += zeros;
          break;
        }
      } else {
        if (size !== 1) return -1;
        value = bitAt(bits, bit++) ? 1 << low : -1 << low;
      }
      for (; k <= to; k++) {
        const place = at + ((<usize>load<u8>(ZIGZAG + k)) << 1);
        if (load<i16>(place) !== 0) bit = refineOne(place, bit);
        else if (--zeros < 0) break;
      }
      if (value === 0) continue;
      if (k > to) return -1;
      store<i16>(at + ((<usize>load<u8>(ZIGZAG + k)) << 1), <i16>value);
    }
  }
  if (blank === 0) return bit;
  for (; k <= to; k++) {
    const place = at + ((<usize>load<u8>(ZIGZAG + k)) << 1);
    if (load<i16>(place) !== 0) bit = refineOne(place, bit);
  }
  blank--;
  return bit;
}

function refineOne(place: usize, bit: i32): i32 {
  if (bitAt(bits, bit) === 0) return bit + 1;
  const value: i32 = load<i16>(place);
  store<i16>(place, <i16>(value < 0 ? value - (1 << low) : value + (1 << low)));
  return bit + 1;
}

/** Puts a block into `block`, multiplied by the quantiser. @returns false if a coefficient is too large. */
export function takeBlock(c: i32, x: i32, y: i32): bool {
  const at = blockAt(component(c), x, y);
  const quantiser = natural + 256 * <usize>c;
  let rows: i32 = 1;
  let anywhere = i16x8.splat(0);
  let largest = f32x4.splat(0);
  for (let row: usize = 0; row < 8; row++) {
    const values = v128.load(at + 16 * row);
    const left = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values)), v128.load(quantiser + 32 * row));
    const right = f32x4.mul(
      f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values)),
      v128.load(quantiser + 32 * row, 16),
    );
    v128.store(block + 32 * row, left);
    v128.store(block + 32 * row, right, 16);
    largest = f32x4.max(largest, f32x4.max(f32x4.abs(left), f32x4.abs(right)));
    if (v128.any_true(values)) rows |= 1 << (<i32>row);
    anywhere = v128.or(anywhere, values);
  }
  const columns = 1 | ~i16x8.bitmask(i16x8.eq(anywhere, i16x8.splat(0)));
  setUsed(rows, columns & 255);
  return i32x4.bitmask(f32x4.gt(largest, f32x4.splat(LARGEST))) === 0;
}
