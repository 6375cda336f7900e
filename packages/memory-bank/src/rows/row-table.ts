import { LARGEST_INT } from './check-ids.js';
import { type StoredVectors, type VectorCodec, type VectorStorage, vectorCodec } from './vector-codec.js';

/** The integers of a row and their offsets. */
export const ROW_FACTS = { id: 0, step: 1, version: 2, reads: 3, readsAtWrite: 4 } as const;
export type RowFact = keyof typeof ROW_FACTS;

const NUM_FACTS = Object.keys(ROW_FACTS).length;
const SCALE = NUM_FACTS;
const LINE = 16; // four-byte words per cache line
const SEGMENT_BYTES = 2 ** 20;
const SMALLEST_SEGMENT = 16;
const LARGEST_SEGMENT = 4096;

/**
 * Consecutive rows in one buffer. A row is its facts, its scale if the storage has scales, and its encoded vector. All
 * fields view the buffer.
 */
interface Segment {
  readonly numbers: Int32Array;
  readonly scales: Float32Array;
  readonly vectors: StoredVectors;
}

/**
 * Rows `0 … size − 1` without holes. They are stored in segments of equal length, so that growing copies nothing. The
 * data of a row is contiguous, so that a random look-up waits for one memory page instead of two.
 */
export class RowTable {
  readonly dim: number;
  readonly codec: VectorCodec;
  readonly #segments: Segment[] = [];
  readonly #shift: number;
  readonly #mask: number;
  /** Size of a row in four-byte words. */
  readonly #stride: number;
  /** Size of a row in values of the encoded vector. */
  readonly #vectorStride: number;
  /** Offset of the vector in its row, in values. */
  readonly #vectorStart: number;
  #size = 0;

  constructor(dim: number, storage: VectorStorage) {
    this.dim = dim;
    this.codec = vectorCodec(storage);
    const { bytesPerValue, scaled } = this.codec;
    const header = NUM_FACTS + (scaled ? 1 : 0);
    this.#stride = header + Math.ceil((dim * bytesPerValue) / 4);
    this.#vectorStride = (this.#stride * 4) / bytesPerValue;
    this.#vectorStart = (header * 4) / bytesPerValue;
    const rows = Math.max(SMALLEST_SEGMENT, Math.min(LARGEST_SEGMENT, SEGMENT_BYTES / (this.#stride * 4)));
    this.#shift = Math.round(Math.log2(rows));
    this.#mask = 2 ** this.#shift - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Allocates space for this many rows. */
  reserve(rows: number): void {
    const length = this.#mask + 1;
    while (this.#segments.length * length < rows) {
      const buffer = new ArrayBuffer(length * this.#stride * 4);
      this.#segments.push({
        numbers: new Int32Array(buffer),
        scales: new Float32Array(buffer),
        vectors: this.codec.view(buffer),
      });
    }
  }

  /** Adds a row. All its facts except the id are 0. @returns its number. */
  append(id: number): number {
    const row = this.#size++;
    this.reserve(this.#size);
    this.clear(row, id);
    return row;
  }

  /** Removes all rows. The space stays allocated. */
  clearAll(): void {
    this.#size = 0;
  }

  /** Assigns a row to another id and sets all other facts to 0. */
  clear(row: number, id: number): void {
    const start = (row & this.#mask) * this.#stride;
    const { numbers } = this.#segments[row >>> this.#shift]!;
    numbers.fill(0, start, start + NUM_FACTS);
    numbers[start + ROW_FACTS.id] = id;
  }

  /** Removes a row. The last row moves to its number. @returns the id that moved, or −1 if none did. */
  remove(row: number): number {
    const last = --this.#size;
    if (row === last) return -1;
    const from = (last & this.#mask) * this.#stride;
    const moved = this.#segments[last >>> this.#shift]!.numbers.subarray(from, from + this.#stride);
    this.#segments[row >>> this.#shift]!.numbers.set(moved, (row & this.#mask) * this.#stride);
    return this.fact(row, ROW_FACTS.id);
  }

  fact(row: number, fact: number): number {
    return this.#segments[row >>> this.#shift]!.numbers[(row & this.#mask) * this.#stride + fact]!;
  }

  setFact(row: number, fact: number, value: number): void {
    this.#segments[row >>> this.#shift]!.numbers[(row & this.#mask) * this.#stride + fact] = value;
  }

  writeVector(row: number, source: Float32Array, from: number): void {
    const local = row & this.#mask;
    const { vectors, scales } = this.#segments[row >>> this.#shift]!;
    const scale = this.codec.encode(source, from, vectors, local * this.#vectorStride + this.#vectorStart, this.dim);
    if (this.codec.scaled) scales[local * this.#stride + SCALE] = scale;
  }

  readVector(row: number, target: Float32Array, at: number): void {
    this.#decode(this.#segments[row >>> this.#shift]!, row & this.#mask, target, at);
  }

  /**
   * Prefetches rows: loads one word of each of their cache lines, in a loop so short that the waits for memory overlap.
   * With millions of rows, a call before {@link readRows} halves the total time.
   *
   * @param rows row numbers; negative ones are skipped
   * @returns a meaningless number, so that the compiler cannot remove the loads.
   */
  touchRows(rows: Int32Array, count: number): number {
    const [segments, shift, mask, stride] = [this.#segments, this.#shift, this.#mask, this.#stride];
    let loaded = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (row < 0) continue;
      const { numbers } = segments[row >>> shift]!;
      const start = (row & mask) * stride;
      for (let at = start; at < start + stride; at += LINE) loaded = (loaded + numbers[at]!) | 0;
    }
    return loaded;
  }

  /**
   * Decodes the vector of `rows[i]` to `target[(first + i) · dim]` and copies its step to `steps[first + i]`.
   *
   * @param rows row numbers; negative ones are skipped
   * @param counted whether to count the reads
   */
  readRows(
    rows: Int32Array,
    count: number,
    target: Float32Array,
    steps: Int32Array,
    first: number,
    counted: boolean,
  ): void {
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (row < 0) continue;
      const segment = this.#segments[row >>> this.#shift]!;
      const local = row & this.#mask;
      const start = local * this.#stride;
      this.#decode(segment, local, target, (first + i) * this.dim);
      steps[first + i] = segment.numbers[start + ROW_FACTS.step]!;
      if (!counted) continue;
      const reads = segment.numbers[start + ROW_FACTS.reads]!;
      if (reads < LARGEST_INT) segment.numbers[start + ROW_FACTS.reads] = reads + 1;
    }
  }

  /** One fact of every row, in order. */
  column(fact: RowFact): Int32Array {
    const offset = ROW_FACTS[fact];
    const values = new Int32Array(this.#size);
    for (let row = 0; row < values.length; row++) values[row] = this.fact(row, offset);
    return values;
  }

  setColumn(fact: RowFact, values: Int32Array): void {
    for (let row = 0; row < values.length; row++) this.setFact(row, ROW_FACTS[fact], values[row]!);
  }

  /** All encoded vectors, `[size, dim]`, and their scales, `[size]` or empty. */
  encoded(): { vectors: StoredVectors; scales: Float32Array } {
    const all = this.codec.create(this.#size * this.dim);
    const allScales = new Float32Array(this.codec.scaled ? this.#size : 0);
    for (let row = 0; row < this.#size; row++) {
      const { vectors, scales } = this.#segments[row >>> this.#shift]!;
      const local = row & this.#mask;
      const start = local * this.#vectorStride + this.#vectorStart;
      all.set(vectors.subarray(start, start + this.dim), row * this.dim);
      if (this.codec.scaled) allScales[row] = scales[local * this.#stride + SCALE]!;
    }
    return { vectors: all, scales: allScales };
  }

  /** The inverse of {@link encoded}, after appending the rows. */
  setEncoded(all: StoredVectors, allScales: Float32Array): void {
    for (let row = 0; row < this.#size; row++) {
      const { vectors, scales } = this.#segments[row >>> this.#shift]!;
      const local = row & this.#mask;
      vectors.set(all.subarray(row * this.dim, (row + 1) * this.dim), local * this.#vectorStride + this.#vectorStart);
      if (this.codec.scaled) scales[local * this.#stride + SCALE] = allScales[row]!;
    }
  }

  /** Decodes the vector of a segment's row to `target[at]`. */
  #decode({ numbers, scales, vectors }: Segment, local: number, target: Float32Array, at: number): void {
    const { codec, dim } = this;
    const start = local * this.#stride;
    if (codec.decodeWords !== undefined) {
      codec.decodeWords(numbers, start + NUM_FACTS, target, at, dim);
    } else {
      const scale = codec.scaled ? scales[start + SCALE]! : 1;
      codec.decode(vectors, local * this.#vectorStride + this.#vectorStart, scale, target, at, dim);
    }
  }
}
