import { assertWhole } from './assert-options.js';
import { quoted } from './quoted.js';
import { parseSafetensorsHeader, type SafetensorsLimits } from './safetensors-header.js';

/** Where one tensor lies in a file. */
export interface SafetensorsPlace<Dtype extends string = string> {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly start: number;
  /** Byte after the last one. */
  readonly end: number;
}

/** What the header of a file says. */
export interface SafetensorsLayout<Dtype extends string = string> {
  readonly tensors: ReadonlyMap<string, SafetensorsPlace<Dtype>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes per element. Types of less than a byte are left out. https://github.com/huggingface/safetensors */
const WIDTHS = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  C64: 8,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  F8_E5M2FNUZ: 1,
  F8_E4M3FNUZ: 1,
} as const;

export const METADATA = '__metadata__';
/** Longest header in bytes: the reference implementation's own limit. */
export const HEADER_LIMIT = 100_000_000;
/** Bytes before the header, which hold its length. */
const LENGTH_BYTES = 8;

/**
 * Length of the part of a file that {@link readSafetensorsLayout} needs: eight bytes and the header.
 *
 * @param start at least the first eight bytes of the file.
 * @param fileBytes size of the file.
 * @throws Error if the file is shorter than its header, or the header longer than `maxHeaderBytes`.
 */
export function safetensorsHeaderEnd(start: Uint8Array, fileBytes: number, limits: SafetensorsLimits = {}): number {
  const { maxHeaderBytes = HEADER_LIMIT } = limits;
  assertWhole('readSafetensors', { maxHeaderBytes });
  if (start.length < LENGTH_BYTES) {
    throw new Error(`readSafetensors: expected at least ${LENGTH_BYTES} bytes, got ${start.length}`);
  }
  const length = Number(new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  if (LENGTH_BYTES + length > fileBytes) {
    throw new Error(`readSafetensors: expected a header within ${fileBytes} bytes, got a length of ${length}`);
  }
  if (length > maxHeaderBytes) {
    throw new Error(`readSafetensors: expected a header of at most ${maxHeaderBytes} bytes, got ${length}`);
  }
  return LENGTH_BYTES + length;
}

/**
 * Reads where the tensors of a file lie, without their data. The caller can then read one tensor at a time. Every type
 * of the format that has whole bytes is allowed.
 *
 * @param start the first {@link safetensorsHeaderEnd} bytes of the file, or more.
 * @param fileBytes size of the file.
 * @throws Error as {@link readSafetensors} does, for damage of every kind.
 */
export function readSafetensorsLayout(
  start: Uint8Array,
  fileBytes: number,
  limits: SafetensorsLimits = {},
): SafetensorsLayout {
  return layoutOf(start, fileBytes, limits, WIDTHS);
}

/** {@link readSafetensorsLayout} for some types only, given with their bytes per element. */
export function layoutOf<Dtype extends string>(
  start: Uint8Array,
  fileBytes: number,
  limits: SafetensorsLimits,
  widths: Readonly<Record<Dtype, number>>,
): SafetensorsLayout<Dtype> {
  const { maxTensors = 100_000 } = limits;
  assertWhole('readSafetensors', { maxTensors });
  const headerEnd = safetensorsHeaderEnd(start, fileBytes, limits);
  if (start.length < headerEnd) {
    throw new RangeError(`readSafetensorsLayout: expected the first ${headerEnd} bytes, got ${start.length}`);
  }
  const header = parseSafetensorsHeader(start.subarray(LENGTH_BYTES, headerEnd), maxTensors);
  const dataBytes = fileBytes - headerEnd;
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => parseEntry(name, value, dataBytes, widths));
  if (entries.length > maxTensors) {
    throw new Error(`readSafetensors: expected at most ${maxTensors} tensors, got ${entries.length}`);
  }
  assertCovered(entries, dataBytes);
  const tensors = new Map<string, SafetensorsPlace<Dtype>>();
  for (const { name, dtype, shape, start, end } of entries) {
    tensors.set(name, { dtype, shape, start: headerEnd + start, end: headerEnd + end });
  }
  return { tensors, metadata: parseMetadata(header[METADATA]) };
}

/** Offsets as in the header: from the end of the header. */
interface HeaderEntry<Dtype extends string = string> extends SafetensorsPlace<Dtype> {
  readonly name: string;
}

function parseEntry<Dtype extends string>(
  name: string,
  value: unknown,
  dataBytes: number,
  widths: Readonly<Record<Dtype, number>>,
): HeaderEntry<Dtype> {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const where = `readSafetensors: ${quoted(name)}`;
  if (!isOneOf(dtype, widths)) throw new Error(`${where}: expected ${listed(widths)}, got ${quoted(dtype)}`);
  if (!isCounts(shape)) throw new Error(`${where}: expected a shape of whole numbers, got ${quoted(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`${where}: expected two offsets, got ${quoted(offsets)}`);
  }
  const [start, end] = offsets as [number, number];
  const expected = sizeOf(shape) * widths[dtype];
  if (end - start !== expected || end > dataBytes) {
    const wanted = `${expected} bytes for ${dtype} [${shape.join(', ')}] within the file`;
    throw new Error(`${where}: expected ${wanted}, got ${start}…${end}`);
  }
  return { name, dtype, shape, start, end };
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

function isOneOf<Dtype extends string>(dtype: unknown, widths: Readonly<Record<Dtype, number>>): dtype is Dtype {
  return typeof dtype === 'string' && Object.hasOwn(widths, dtype);
}

/** `F32, F64, I32 or U8`. */
function listed(widths: Readonly<Record<string, number>>): string {
  const names = Object.keys(widths);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

/** Number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
