import { assertWhole } from './assert-options.js';
import { quoted } from './quoted.js';
import { parseSafetensorsHeader, type SafetensorsLimits } from './safetensors-header.js';

/** Element types that this package reads and writes. */
export type SafetensorsDtype = 'F32' | 'I32' | 'U8' | 'F64';

export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | Float64Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const ARRAYS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array, F64: Float64Array } as const;
const METADATA = '__metadata__';
const HEADER_LIMIT = 100_000_000; // The reference implementation's own limit.

/**
 * Writes the safetensors format: header length in eight bytes (little-endian), a JSON header padded with spaces to a
 * multiple of eight bytes, then the tensors end to end. https://github.com/huggingface/safetensors
 *
 * @throws Error naming the tensor if its data does not fit its type or shape, or if its name is reserved by the format.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Without a prototype, so that a tensor may be named __proto__.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  // Wide types first, so that every tensor starts at a multiple of its own width.
  const ordered = [...tensors].sort(([, a], [, b]) => width(b.dtype) - width(a.dtype));
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    if (name === METADATA)
      throw new Error(`writeSafetensors: expected a tensor's name, got ${name}, which is reserved`);
    if (!(data instanceof ARRAYS[dtype])) {
      throw new TypeError(`writeSafetensors: ${name}: expected ${dtype} data, got ${data.constructor.name}`);
    }
    const count = sizeOf(shape);
    if (count !== data.length) {
      throw new RangeError(
        `writeSafetensors: ${name} of shape [${shape.join(', ')}]: expected ${count} values, got ${data.length}`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  if (headerLength > HEADER_LIMIT) {
    throw new RangeError(`writeSafetensors: expected a header of at most ${HEADER_LIMIT} bytes, got ${headerLength}`);
  }
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength).set(json, 8);
  let offset = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads the safetensors format. The tensors are copies and do not keep `bytes` alive. Together they are never larger
 * than the file, because they must cover its data exactly: without overlaps, as the format demands, and without holes.
 *
 * @param limits for files from elsewhere.
 * @throws Error naming the tensor if the file is truncated, if two tensors overlap or leave a hole, if a name occurs
 *   twice, or if a type is not F32, F64, I32 or U8; Error if the header is damaged or exceeds a limit.
 */
export function readSafetensors(bytes: Uint8Array, limits: SafetensorsLimits = {}): SafetensorsFile {
  const { maxHeaderBytes = HEADER_LIMIT, maxTensors = 100_000 } = limits;
  assertWhole('readSafetensors', { maxHeaderBytes, maxTensors });
  if (bytes.length < 8) throw new Error(`readSafetensors: expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (8 + length > bytes.length) {
    throw new Error(`readSafetensors: expected a header within ${bytes.length} bytes, got a length of ${length}`);
  }
  if (length > maxHeaderBytes) {
    throw new Error(`readSafetensors: expected a header of at most ${maxHeaderBytes} bytes, got ${length}`);
  }
  const header = parseSafetensorsHeader(bytes.subarray(8, 8 + length), maxTensors);
  const data = bytes.subarray(8 + length);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => parseEntry(name, value, data.length));
  if (entries.length > maxTensors) {
    throw new Error(`readSafetensors: expected at most ${maxTensors} tensors, got ${entries.length}`);
  }
  assertCovered(entries, data.length);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name, dtype, shape, start, end } of entries) {
    // Not data.slice(), because a Node Buffer's slice() is a view, not a copy.
    const copy = Uint8Array.from(data.subarray(start, end));
    tensors.set(name, { dtype, shape, data: new ARRAYS[dtype](copy.buffer) });
  }
  return { tensors, metadata: parseMetadata(header[METADATA]) };
}

interface HeaderEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: number[];
  readonly start: number;
  readonly end: number;
}

function parseEntry(name: string, value: unknown, dataBytes: number): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const where = `readSafetensors: ${quoted(name)}`;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    throw new Error(`${where}: expected F32, F64, I32 or U8, got ${quoted(dtype)}`);
  }
  if (!isCounts(shape)) throw new Error(`${where}: expected a shape of whole numbers, got ${quoted(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`${where}: expected two offsets, got ${quoted(offsets)}`);
  }
  const [start, end] = offsets as [number, number];
  const expected = sizeOf(shape) * width(dtype as SafetensorsDtype);
  if (end - start !== expected || end > dataBytes) {
    const wanted = `${expected} bytes for ${dtype} [${shape.join(', ')}] within the file`;
    throw new Error(`${where}: expected ${wanted}, got ${start}…${end}`);
  }
  return { name, dtype: dtype as SafetensorsDtype, shape, start, end };
}

/** Otherwise a small file of overlapping tensors would take any amount of memory, and a hole could hide data. */
function assertCovered(entries: readonly HeaderEntry[], dataBytes: number): void {
  const ordered = [...entries].sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  let before: string | undefined;
  for (const { name, start, end } of ordered) {
    if (start !== at) {
      const wanted = `a start at byte ${at}, ${before === undefined ? 'first' : `after ${quoted(before)}`}`;
      const problem = start < at ? 'the tensors overlap' : 'there is a hole';
      throw new Error(`readSafetensors: ${quoted(name)}: expected ${wanted}, got ${start} (${problem})`);
    }
    at = end;
    before = name;
  }
  if (at !== dataBytes) throw new Error(`readSafetensors: expected tensors of all ${dataBytes} bytes, got ${at}`);
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.values(value).every((text) => typeof text === 'string')) {
    throw new Error(`readSafetensors: expected ${METADATA} of strings, got ${quoted(value)}`);
  }
  return value as Record<string, string>;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

function width(dtype: SafetensorsDtype): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}
