import type { BankRows } from '../rows/bank-rows.js';
import { type VectorCodec, type VectorStorage, vectorCodec } from '../rows/vector-codec.js';

const INT_BYTES = 4;

/**
 * Packs rows as bytes: version and step (int32), the scale if the storage has one (float32), and the encoded values.
 * Little-endian, like every platform that Node supports except s390x. The version comes first because the write script
 * of `RedisStore` compares it.
 */
export class RowBytes {
  readonly dim: number;
  readonly storage: VectorStorage;
  /** Bytes per row. */
  readonly size: number;
  readonly #codec: VectorCodec;
  readonly #valuesAt: number;

  constructor(dim: number, storage: VectorStorage) {
    this.dim = dim;
    this.storage = storage;
    this.#codec = vectorCodec(storage);
    this.#valuesAt = 2 * INT_BYTES + (this.#codec.scaled ? 4 : 0);
    this.size = this.#valuesAt + dim * this.#codec.bytesPerValue;
  }

  /** Packs rows into one block: the id (int32) and the bytes of each row. */
  pack({ ids, vectors, steps, versions }: BankRows): Buffer {
    const stride = INT_BYTES + this.size;
    const block = Buffer.allocUnsafe(ids.length * stride);
    const values = this.#codec.create(this.dim); // Aligned, unlike offsets in the block.
    const bytes = new Uint8Array(values.buffer);
    for (let i = 0; i < ids.length; i++) {
      const at = i * stride;
      const scale = this.#codec.encode(vectors, i * this.dim, values, 0, this.dim);
      block.writeInt32LE(ids[i]!, at);
      block.writeInt32LE(versions[i]!, at + INT_BYTES);
      block.writeInt32LE(steps[i]!, at + 2 * INT_BYTES);
      if (this.#codec.scaled) block.writeFloatLE(scale, at + 3 * INT_BYTES);
      block.set(bytes, at + INT_BYTES + this.#valuesAt);
    }
    return block;
  }

  /** Unpacks rows of {@link size} bytes each, without their ids. */
  unpack(ids: ArrayLike<number>, rows: readonly Uint8Array[]): BankRows {
    const vectors = new Float32Array(rows.length * this.dim);
    const steps = new Int32Array(rows.length);
    const versions = new Int32Array(rows.length);
    const values = this.#codec.create(this.dim);
    const bytes = new Uint8Array(values.buffer);
    for (const [i, row] of rows.entries()) {
      const header = new DataView(row.buffer, row.byteOffset, this.#valuesAt);
      versions[i] = header.getInt32(0, true);
      steps[i] = header.getInt32(INT_BYTES, true);
      const scale = this.#codec.scaled ? header.getFloat32(2 * INT_BYTES, true) : 1;
      bytes.set(row.subarray(this.#valuesAt));
      this.#codec.decode(values, 0, scale, vectors, i * this.dim, this.dim);
    }
    return { ids: Int32Array.from(ids), vectors, steps, versions };
  }
}
