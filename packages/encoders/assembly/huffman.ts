// Huffman-coded blocks of a JPEG (T.81, annex F).
import { windowAt } from './bits';

/** Codes of up to this many bits are looked up in a table. Longer codes are searched for by length. */
const LOOK = 10;
// u32 `[2^LOOK]`: code length, symbol << 8; i32 `[18]` bounds and `[18]` offsets of longer codes.
const TABLE_BYTES: usize = (4 << LOOK) + 4 * 18 * 2;
const tables: usize = memory.data(4 * 4240);
/** Code lengths and symbols that the tables were built from. */
const CODES_BYTES: usize = 16 + 256;
const known: usize = memory.data(4 * 272);
/**
 * Flag of entries whose code and following number both fit into LOOK bits. The entry then holds number << 16 as well.
 */
export const WHOLE: i32 = 128;
/** Natural position of the k-th coefficient. */
export const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
]);

/**
 * Coefficients of 8-bit pixels are at most 1024, and rounding adds at most half a quantiser. Larger ones occur in
 * damaged files and overflow libjpeg's integers, so such images are left to sharp.
 */
export const LARGEST: f32 = 1280;

/** Coefficients of the last block, multiplied by the quantiser: f32 `[8][8]`. */
export const block: usize = memory.data(256);
/** Bit k is set unless row k (or column k) of the block is all zeros. */
export let rows: i32 = 0;
export let columns: i32 = 0;
/** The first coefficient of the last block, which predicts the next block's. */
export let predicted: i32 = 0;

/** @param given address in the file: counts of codes of 1 to 16 bits, followed by their symbols */
export function buildTable(index: i32, given: usize): bool {
  let bytes: usize = 16;
  for (let bits: usize = 0; bits < 16; bits++) bytes += load<u8>(given + bits);
  const lengths = known + <usize>index * CODES_BYTES;
  // Most images have the same tables as the previous image.
  if (memory.compare(lengths, given, bytes) === 0) return true;
  memory.copy(lengths, given, bytes);
  if (build(index, lengths)) return true;
  memory.fill(lengths, 0, CODES_BYTES);
  return false;
}

function build(index: i32, lengths: usize): bool {
  const look = tables + <usize>index * TABLE_BYTES;
  const bounds = look + (4 << LOOK);
  const offsets = bounds + 72;
  let symbol = lengths + 16;
  let code: i32 = 0;
  memory.fill(look, 0, 4 << LOOK);
  for (let bits: i32 = 1; bits <= 16; bits++) {
    const codes: i32 = load<u8>(lengths + bits - 1);
    // A code of ones only is not allowed, and libjpeg refuses it.
    if (code + codes >= 1 << bits) return false;
    store<i32>(offsets + (bits << 2), <i32>symbol - code);
    if (bits <= LOOK) {
      let to = look + ((<usize>code) << (LOOK - bits + 2));
      for (let i = 0; i < codes; i++) to = enter(to, load<u8>(symbol + i), bits);
    }
    // The tables 0 and 1 hold sizes of first coefficients. libjpeg refuses others, used or not.
    if (index < 2) {
      for (let i = 0; i < codes; i++) if (load<u8>(symbol + i) > 15) return false;
    }
    symbol += codes;
    code += codes;
    store<i32>(bounds + (bits << 2), code << (16 - bits)); // Upper bound of codes of this length, as 16 bits.
    code <<= 1;
  }
  return true;
}

/** Writes all table entries that begin with a code of this many bits. @returns the address of the next entry. */
function enter(to: usize, symbol: i32, bits: i32): usize {
  const size = symbol & 15;
  const left = LOOK - bits;
  for (let rest: i32 = 0; rest < 1 << left; rest++) {
    let entry = (symbol << 8) | bits;
    if (size !== 0 && size <= left) {
      entry = (signed((<u64>rest) << (64 - left), size) << 16) | (symbol << 8) | WHOLE | (bits + size);
    }
    store<i32>(to, entry);
    to += 4;
  }
  return to;
}

/** Finds a code longer than LOOK. @returns symbol and length in the format of the table, 0 if there is no such code. */
function search(look: usize, window: u64): i32 {
  const bounds = look + (4 << LOOK);
  const code = <i32>(window >> 48);
  for (let bits: i32 = LOOK + 1; bits <= 16; bits++) {
    if (code >= load<i32>(bounds + (bits << 2))) continue;
    const symbol = load<i32>(bounds + 72 + (bits << 2)) + (code >> (16 - bits));
    return ((<i32>load<u8>(<usize>symbol)) << 8) | bits;
  }
  return 0;
}

/** Where `symbolOf` finds the codes of a table. */
export function tableOf(index: i32): usize {
  return tables + <usize>index * TABLE_BYTES;
}

/**
 * The next symbol, in bits 8 to 15. Bits 0 to 6 are the length of its code, and with `WHOLE` of the number after it,
 * which bits 16 to 31 are then. 0 if there is no such code.
 */
export function symbolOf(look: usize, window: u64): i32 {
  const entry = load<i32>(look + ((<usize>(window >> (64 - LOOK))) << 2));
  return entry !== 0 ? entry : search(look, window);
}

/** The number that the first `size` (1 to 15) bits encode. */
export function signed(window: u64, size: i32): i32 {
  const bits = <i32>(window >> (64 - size));
  return bits - (((1 << size) - 1) & ((bits >> (size - 1)) - 1));
}

/** Says which rows and columns of `block` are not all zeros. */
export function setUsed(ofRows: i32, ofColumns: i32): void {
  rows = ofRows;
  columns = ofColumns;
}

/**
 * Reads one block into `block`.
 *
 * @param prediction first coefficient of the component's previous block
 * @returns the index of the bit after the block; -1 if the block is invalid.
 */
export function readBlock(from: usize, bit: i32, dc: i32, ac: i32, quantiser: usize, prediction: i32): i32 {
  for (let at: usize = 0; at < 256; at += 64) {
    v128.store(block + at, i32x4.splat(0));
    v128.store(block + at, i32x4.splat(0), 16);
    v128.store(block + at, i32x4.splat(0), 32);
    v128.store(block + at, i32x4.splat(0), 48);
  }
  let look = tables + <usize>dc * TABLE_BYTES;
  let window = windowAt(from, bit);
  let entry = symbolOf(look, window);
  let size = (entry >> 8) & 255;
  if (entry === 0 || size > 11) return -1;
  let bits = entry & 127;
  let first = prediction;
  if (entry & WHOLE) {
    first += entry >> 16;
    bit += bits;
  } else {
    if (size !== 0) first += signed(window << bits, size);
    bit += bits + size;
  }
  predicted = first;
  const level = <f32>first * load<f32>(quantiser);
  if (!(abs(level) <= LARGEST)) return -1;
  store<f32>(block, level);

  let usedRows: i32 = 1;
  let usedColumns: i32 = 1;
  look = tables + <usize>ac * TABLE_BYTES;
  for (let k: i32 = 1; k < 64; k++) {
    window = windowAt(from, bit);
    entry = symbolOf(look, window);
    bits = entry & 127;
    k += (entry >> 12) & 15;
    let value: i32;
    if (entry & WHOLE) {
      bit += bits;
      value = entry >> 16;
    } else {
      if (entry === 0) return -1;
      size = (entry >> 8) & 15;
      bit += bits + size;
      if (size === 0) {
        const run = (entry >> 12) & 15;
        if (run === 15) continue; // sixteen zeros
        if (run !== 0) return -1;
        break;
      }
      value = signed(window << bits, size);
    }
    if (k > 63) return -1;
    const position: i32 = load<u8>(ZIGZAG + k);
    usedRows |= 1 << (position >> 3);
    usedColumns |= 1 << (position & 7);
    const coefficient = <f32>value * load<f32>(quantiser + ((<usize>k) << 2));
    if (!(abs(coefficient) <= LARGEST)) return -1;
    store<f32>(block + ((<usize>position) << 2), coefficient);
  }
  rows = usedRows;
  columns = usedColumns;
  return bit;
}
