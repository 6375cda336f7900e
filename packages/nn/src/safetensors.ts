/** The element types this package reads and writes. */
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

const BYTES: Readonly<Record<SafetensorsDtype, number>> = { F32: 4, I32: 4, U8: 1, F64: 8 };
const HEADER_LIMIT = 100_000_000; // The reference implementation's own limit.

/**
 * Writes the safetensors format: eight bytes of header length (little-endian), a JSON header padded with spaces to eight bytes,
 * then the tensors end to end. https://github.com/huggingface/safetensors
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  // Wide types first, so that every tensor starts at a multiple of its own width.
  const ordered = [...tensors].sort(([, a], [, b]) => BYTES[b.dtype] - BYTES[a.dtype]);
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const count = shape.reduce((product, axis) => product * axis, 1);
    if (count !== data.length) {
      throw new RangeError(
        `writeSafetensors: ${name} of shape [${shape.join(', ')}]: expected ${count} values, got ${data.length}`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  let json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  json = padded;
  const bytes = new Uint8Array(8 + json.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let offset = 8 + json.length;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads the safetensors format. The data are copies, so the bytes may be let go.
 *
 * @throws Error naming the tensor if the header is damaged, the file is cut short, or a type is not one of F32, F64, I32, U8.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw new Error(`readSafetensors: expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length) {
    throw new Error(`readSafetensors: expected a header within ${bytes.length} bytes, got a length of ${length}`);
  }
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = value as Record<string, string>;
      continue;
    }
    const { dtype, shape, data_offsets } = value as {
      dtype: SafetensorsDtype;
      shape: number[];
      data_offsets: [number, number];
    };
    if (!(dtype in BYTES)) throw new Error(`readSafetensors: ${name}: expected F32, F64, I32 or U8, got ${dtype}`);
    const [start, end] = data_offsets;
    const expected = shape.reduce((product, axis) => product * axis, 1) * BYTES[dtype];
    if (end - start !== expected || 8 + length + end > bytes.length || start < 0) {
      throw new Error(
        `readSafetensors: ${name}: expected ${expected} bytes for ${dtype} [${shape.join(', ')}] within the file, got ${start}…${end}`,
      );
    }
    const copy = bytes.slice(8 + length + start, 8 + length + end).buffer;
    tensors.set(name, { dtype, shape, data: view(dtype, copy) });
  }
  return { tensors, metadata };
}

function parseHeader(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`readSafetensors: the header is not JSON (${(error as Error).message})`);
  }
}

function view(dtype: SafetensorsDtype, buffer: ArrayBuffer): SafetensorsEntry['data'] {
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'U8':
      return new Uint8Array(buffer);
  }
}
