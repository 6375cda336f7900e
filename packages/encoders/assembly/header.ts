// Reads the markers of a JPEG (ITU-T T.81, annex B). Refuses files that are not plain; another decoder takes them.

const COMPONENT_BYTES: usize = 64;
// Per component: sampling (i32 h, i32 v), quantisation table, DC table, AC table (addresses), predictor, 24: unused,
// plane. Of progressive files also coefficients (address), blocks in a row of them, blocks across and down.
const components: usize = memory.data(256);
/** Multipliers in zigzag order, f32 `[4][64]`. */
const quantisers: usize = memory.data(1024);
/** Addresses of the counts of code lengths in the file, `[DC 0, DC 1, AC 0, AC 1]`; 0 for a missing table. */
export const codeLengths: usize = memory.data(16);

const ids: usize = memory.data(4);

export let width: i32 = 0;
export let height: i32 = 0;
export let count: i32 = 0;
export let restartInterval: i32 = 0;
/** Whether coefficients come in several scans. */
export let isProgressive: bool = false;
/** Of the last scan: u8 `[4]` indices of its components, and their number. */
export const scanned: usize = memory.data(8);
/** Of the last scan: address of the three bytes that say which coefficients it brings. */
export let scanStart: usize = 0;
let hasPlainIds: bool = false;
let isYcc: bool = false;

function u16(at: usize): i32 {
  return ((<i32>load<u8>(at)) << 8) | <i32>load<u8>(at, 1);
}

export function component(i: i32): usize {
  return components + <usize>i * COMPONENT_BYTES;
}

/**
 * @returns the address of the first scan's data; 0 unless this is a grey or YCbCr JPEG, baseline or progressive, without
 *   a colour profile or an orientation.
 */
export function readHeader(from: usize, length: i32): usize {
  const end = from + length;
  width = 0;
  restartInterval = 0;
  memory.fill(codeLengths, 0, 16);
  memory.fill(quantisers, 0, 1024);
  if (length < 4 || u16(from) !== 0xffd8) return 0;
  isYcc = false;
  return skipToScan(from + 2, end);
}

/**
 * Reads the markers before a scan.
 *
 * @returns the address of the scan's data; 0 if there is none, or a marker is not that of a plain JPEG.
 */
export function skipToScan(from: usize, end: usize): usize {
  const isFirst = width === 0;
  let at = from;
  while (at + 4 <= end) {
    const marker = u16(at);
    const size = u16(at + 2);
    const body = at + 4;
    at += 2 + size;
    if (size < 2 || at > end) return 0;
    if (marker === 0xffc0 || marker === 0xffc1 || marker === 0xffc2) {
      if (width !== 0 || !readFrame(body, size - 2)) return 0;
      isProgressive = marker === 0xffc2;
    } else if (marker === 0xffc4) {
      if (!readCodes(body, at)) return 0;
    } else if (marker === 0xffdb) {
      // libjpeg keeps those of the first scan.
      if (!isFirst || !readQuantisers(body, at)) return 0;
    } else if (marker === 0xffdd) {
      if (size !== 4 || !isFirst) return 0;
      restartInterval = u16(body);
    } else if (marker === 0xffda) {
      return width !== 0 && (count === 1 || isYcc || hasPlainIds) && readScan(body, size - 2) ? at : 0;
    } else if (marker === 0xffe0) {
      if (size >= 7 && load<u32>(body) === 0x4649464a) isYcc = true; // JFIF
    } else if (marker === 0xffee) {
      if (size >= 14 && load<u32>(body) === 0x626f6441) {
        // Adobe
        if (load<u8>(body, 11) !== 1) return 0;
        isYcc = true;
      }
    } else if (marker === 0xffe1 || marker === 0xffe2) {
      return 0; // orientation, colour profile or gain map
    } else if (marker !== 0xfffe && (marker & 0xfff0) !== 0xffe0) {
      return 0;
    }
  }
  return 0;
}

function readFrame(body: usize, size: i32): bool {
  if (size < 6) return false;
  height = u16(body + 1);
  width = u16(body + 3);
  count = load<u8>(body, 5);
  if (load<u8>(body) !== 8 || height === 0 || width === 0 || (count !== 1 && count !== 3)) return false;
  if (size !== 6 + 3 * count) return false;
  hasPlainIds = true;
  for (let i = 0; i < count; i++) {
    const entry = body + 6 + 3 * i;
    if (load<u8>(entry) !== i + 1) hasPlainIds = false;
    store<u8>(ids + i, load<u8>(entry));
    const sampling = load<u8>(entry, 1);
    const table = load<u8>(entry, 2);
    if (table > 3) return false;
    store<i32>(component(i), sampling >> 4);
    store<i32>(component(i), sampling & 15, 4);
    store<usize>(component(i), quantisers + 256 * <usize>table, 8);
  }
  // A single component has one block per unit. With three, chroma has full or half resolution in both directions.
  if (count === 1) {
    store<i32>(component(0), 1);
    store<i32>(component(0), 1, 4);
    return true;
  }
  const luma = load<u8>(body, 7);
  return (luma === 0x11 || luma === 0x22) && load<u8>(body, 10) === 0x11 && load<u8>(body, 13) === 0x11;
}

function readQuantisers(from: usize, end: usize): bool {
  let at = from;
  while (at < end) {
    const kind = load<u8>(at++);
    if (kind > 3 || at + 64 > end) return false; // includes 16-bit tables
    const to = quantisers + 256 * <usize>kind;
    for (let k: usize = 0; k < 64; k++) store<f32>(to + (k << 2), <f32>load<u8>(at + k));
    at += 64;
  }
  return true;
}

function readCodes(from: usize, end: usize): bool {
  let at = from;
  while (at < end) {
    const kind = load<u8>(at);
    if ((kind & 0xee) !== 0 || at + 17 > end) return false;
    let symbols: usize = 0;
    for (let bits: usize = 1; bits <= 16; bits++) symbols += load<u8>(at + bits);
    store<usize>(codeLengths + ((kind >> 4) * 2 + (kind & 1)) * 4, at + 1);
    at += 17 + symbols;
    if (symbols > 256 || at > end) return false;
  }
  return true;
}

function readScan(body: usize, size: i32): bool {
  const parts: i32 = load<u8>(body);
  if (size !== 4 + 2 * parts || parts === 0 || parts > count) return false;
  let c = 0;
  for (let i = 0; i < parts; i++) {
    const entry = body + 1 + 2 * i;
    while (c < count && load<u8>(entry) !== load<u8>(ids + c)) c++;
    const tables = load<u8>(entry, 1);
    if (c === count || (tables & 0xee) !== 0) return false;
    store<i32>(component(c), tables >> 4, 12);
    store<i32>(component(c), 2 + (tables & 1), 16);
    if (load<f32>(load<usize>(component(c), 8)) === 0) return false;
    store<u8>(scanned + i, <u8>c);
    c++;
  }
  store<u8>(scanned, <u8>parts, 4);
  scanStart = body + 1 + 2 * parts;
  return isProgressive ? restartInterval === 0 : isWhole();
}

/** Whether the scan of a baseline file brings all coefficients of all components, and all tables are there. */
function isWhole(): bool {
  if (<i32>load<u8>(scanned, 4) !== count) return false;
  for (let c = 0; c < count; c++) {
    for (let t: usize = 12; t <= 16; t += 4) {
      if (load<usize>(codeLengths + 4 * load<i32>(component(c) + t)) === 0) return false;
    }
  }
  return load<u8>(scanStart) === 0 && load<u8>(scanStart, 1) === 63 && load<u8>(scanStart, 2) === 0;
}
