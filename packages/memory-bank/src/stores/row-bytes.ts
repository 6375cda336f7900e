import { crc32 } from 'node:zlib';
import type { BankRows } from '../rows/bank-rows.js';
import { type VectorCodec, type VectorStorage, vectorCodec } from '../rows/vector-codec.js';

const INT_BYTES = 4;

/**
 * Packs rows as bytes: version, inverted version and step (int32), the scale if the storage has one (float32), the
 * encoded values, and the CRC-32 of the id (int32) and all bytes before it. Little-endian, like every platform that
 * Node supports except s390x. The version comes first because the write script of `RedisStore` compares it.
 */
export class RowBytes {
  readonly dim: number;
  readonly storage: VectorStorage;
  /** Bytes per row. */
  readonly size: number;
  readonly #codec: VectorCodec;
  readonly #valuesAt: number;
  readonly #checksumAt: number;
  readonly #idBytes = Buffer.alloc(INT_BYTES);

  constructor(dim: number, storage: VectorStorage) {
    this.dim = dim;
    this.storage = storage;
    this.#codec = vectorCodec(storage);
    this.#valuesAt = 3 * INT_BYTES + (this.#codec.scaled ? 4 : 0);
    this.#checksumAt = this.#valuesAt + dim * this.#codec.bytesPerValue;
    this.size = this.#checksumAt + INT_BYTES;
  }

  /** Packs rows into one block: the id (int32) and the bytes of each row. */
  pack({ ids, vectors, steps, versions }: BankRows): Buffer {
    const stride = INT_BYTES + this.size;
    const block = Buffer.allocUnsafe(ids.length * stride);
    const values = this.#codec.create(this.dim); // Aligned, unlike offsets in the block.
    const bytes = new Uint8Array(values.buffer);
    for (let i = 0; i < ids.length; i++) {
      const at = i * stride;
      const checksumAt = at + INT_BYTES + this.#checksumAt;
      const scale = this.#codec.encode(vectors, i * this.dim, values, 0, this.dim);
      block.writeInt32LE(ids[i]!, at);
      block.writeInt32LE(versions[i]!, at + INT_BYTES);
      block.writeInt32LE(~versions[i]!, at + 2 * INT_BYTES);
      block.writeInt32LE(steps[i]!, at + 3 * INT_BYTES);
      if (this.#codec.scaled) block.writeFloatLE(scale, at + 4 * INT_BYTES);
      block.set(bytes, at + INT_BYTES + this.#valuesAt);
      block.writeUInt32LE(crc32(block.subarray(at, checksumAt)), checksumAt);
    }
    return block;
  }

  /** The fault of a stored row: its length or its checksum. Undefined for a whole row. */
  faultOf(id: number, row: Uint8Array): string | undefined {
    if (row.length !== this.size) return this.lengthFault(row.length);
    this.#idBytes.writeInt32LE(id | 0);
    const expected = new DataView(row.buffer, row.byteOffset).getUint32(this.#checksumAt, true);
    const found = crc32(row.subarray(0, this.#checksumAt), crc32(this.#idBytes));
    return found === expected ? undefined : damagedRow(id);
  }

  lengthFault(length: number): string {
    return `expected ${this.size} bytes (dim ${this.dim}, ${this.storage}), got ${length}`;
  }

  /** Unpacks rows without a {@link faultOf}. */
  unpack(ids: ArrayLike<number>, rows: readonly Uint8Array[]): BankRows {
    const vectors = new Float32Array(rows.length * this.dim);
    const steps = new Int32Array(rows.length);
    const versions = new Int32Array(rows.length);
    const values = this.#codec.create(this.dim);
    const bytes = new Uint8Array(values.buffer);
    for (const [i, row] of rows.entries()) {
      const header = new DataView(row.buffer, row.byteOffset, this.#valuesAt);
      versions[i] = header.getInt32(0, true);
      steps[i] = header.getInt32(2 * INT_BYTES, true);
      const scale = this.#codec.scaled ? header.getFloat32(3 * INT_BYTES, true) : 1;
      bytes.set(row.subarray(this.#valuesAt, this.#checksumAt));
      this.#codec.decode(values, 0, scale, vectors, i * this.dim, this.dim);
    }
    return { ids: Int32Array.from(ids), vectors, steps, versions };
  }
}

/** Message for a row with a wrong checksum. */
export function damagedRow(id: number): string {
  return `its checksum differs from its bytes: the row is damaged. Try: store.remove([${id}])`;
}
