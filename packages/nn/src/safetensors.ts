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
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
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
 * Reads the safetensors format. The tensors are copies and do not keep `bytes` alive.
 *
 * @throws Error naming the tensor if the file is truncated or has a type other than F32, F64, I32 and U8; Error if the
 *   header is damaged.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw new Error(`readSafetensors: expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length) {
    throw new Error(`readSafetensors: expected a header within ${bytes.length} bytes, got a length of ${length}`);
  }
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) continue;
    const { dtype, shape, start, end } = parseEntry(name, value);
    const expected = sizeOf(shape) * width(dtype);
    if (end - start !== expected || 8 + length + end > bytes.length) {
      const wanted = `${expected} bytes for ${dtype} [${shape.join(', ')}] within the file`;
      throw new Error(`readSafetensors: ${name}: expected ${wanted}, got ${start}…${end}`);
    }
    // Not bytes.slice(), because a Node Buffer's slice() is a view, not a copy.
    const copy = Uint8Array.from(bytes.subarray(8 + length + start, 8 + length + end));
    tensors.set(name, { dtype, shape, data: new ARRAYS[dtype](copy.buffer) });
  }
  return { tensors, metadata: (header[METADATA] ?? {}) as Record<string, string> };
}

function parseHeader(json: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch (error) {
    throw new Error(`readSafetensors: the header is not JSON (${(error as Error).message})`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error(`readSafetensors: expected a header of named tensors, got ${json.trim()}`);
  }
  return header as Record<string, unknown>;
}

function parseEntry(
  name: string,
  value: unknown,
): { readonly dtype: SafetensorsDtype; readonly shape: number[]; readonly start: number; readonly end: number } {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    throw new Error(`readSafetensors: ${name}: expected F32, F64, I32 or U8, got ${dtype}`);
  }
  if (!isCounts(shape)) {
    throw new Error(`readSafetensors: ${name}: expected a shape of whole numbers, got ${JSON.stringify(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`readSafetensors: ${name}: expected two offsets, got ${JSON.stringify(offsets)}`);
  }
  return { dtype: dtype as SafetensorsDtype, shape, start: offsets[0]!, end: offsets[1]! };
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
