import type { SafetensorsLimits } from './safetensors-header.js';
import { HEADER_LIMIT, layoutOf, METADATA, sizeOf } from './safetensors-layout.js';

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
const WIDTHS = { F32: 4, F64: 8, I32: 4, U8: 1 } as const;

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
  const ordered = [...tensors].sort(([, a], [, b]) => WIDTHS[b.dtype] - WIDTHS[a.dtype]);
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
 * `readSafetensorsLayout` reads where they lie, for files of other types or of more than fits in memory.
 *
 * @param limits for files from elsewhere.
 * @throws Error naming the tensor if the file is truncated, if two tensors overlap or leave a hole, if a name occurs
 *   twice, or if a type is not F32, F64, I32 or U8; Error if the header is damaged or exceeds a limit.
 */
export function readSafetensors(bytes: Uint8Array, limits: SafetensorsLimits = {}): SafetensorsFile {
  const { tensors: places, metadata } = layoutOf(bytes, bytes.length, limits, WIDTHS);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, { dtype, shape, start, end }] of places) {
    // Not bytes.slice(), because a Node Buffer's slice() is a view, not a copy.
    const copy = Uint8Array.from(bytes.subarray(start, end));
    tensors.set(name, { dtype, shape, data: new ARRAYS[dtype](copy.buffer) });
  }
  return { tensors, metadata };
}
