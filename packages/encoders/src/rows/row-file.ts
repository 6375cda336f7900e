import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writevSync } from 'node:fs';
import { crc32 } from 'node:zlib';

// Layout: magic bytes with the version of the layout (8 bytes) · records. A record: key (16 bytes) · number of values
// (uint32) · CRC-32 of the values (uint32) · CRC-32 of the 24 bytes before it (uint32) · values (float32). Integers are
// little-endian, values as the machine has them.
const MAGIC = Buffer.from('sfkrows1');
const HEADER = 28;

/** What a row takes of a file. */
export function recordBytes(row: Float32Array): number {
  return HEADER + row.byteLength;
}

/** Where a row stands in its file. */
interface Place {
  readonly at: number;
  readonly count: number;
  readonly checksum: number;
}

/**
 * Rows of numbers by key, in a file that only grows and that one process writes. Others may read it meanwhile. A row
 * that is not whole, because its writer was killed or the disk failed, is not read.
 */
export class RowFile {
  readonly #descriptor: number;
  readonly #places = new Map<string, Place>();
  /** Where the next record starts. */
  #end: number;

  /**
   * @param mode `write` creates a missing file, and cuts off what is not whole at the end
   * @throws Error of `node:fs` if the file cannot be opened or read.
   */
  constructor(file: string, mode: 'read' | 'write') {
    const { O_RDONLY, O_RDWR, O_CREAT } = constants;
    this.#descriptor = openSync(file, mode === 'read' ? O_RDONLY : O_RDWR | O_CREAT, 0o644);
    try {
      this.#end = this.#scan();
      if (mode === 'read') return;
      ftruncateSync(this.#descriptor, this.#end);
      if (this.#end === 0) this.#append([MAGIC]);
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  get bytes(): number {
    return this.#end;
  }

  get keys(): Iterable<string> {
    return this.#places.keys();
  }

  /** @returns undefined if there is no such row, or it is damaged. */
  read(key: string): Float32Array | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const row = new Float32Array(place.count);
    const bytes = new Uint8Array(row.buffer);
    if (readAt(this.#descriptor, bytes, place.at) === bytes.length && crc32(bytes) === place.checksum) return row;
    this.#places.delete(key);
    return undefined;
  }

  /** @param key 32 hexadecimal digits @throws Error of `node:fs` if the disk refuses. */
  write(key: string, row: Float32Array): void {
    const values = new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
    const checksum = crc32(values);
    const header = Buffer.alloc(HEADER);
    header.write(key, 'hex');
    header.writeUInt32LE(row.length, 16);
    header.writeUInt32LE(checksum, 20);
    header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
    const at = this.#end + HEADER;
    this.#append([header, values]);
    this.#places.set(key, { at, count: row.length, checksum });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** What a full disk takes of a record lies beyond the end. */
  #append(parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const written = writevSync(this.#descriptor, parts, this.#end);
    if (written !== length) throw new Error(`the disk took ${written} of ${length} bytes`);
    this.#end += length;
  }

  /** Finds the rows. @returns where those that are whole end */
  #scan(): number {
    const { size } = fstatSync(this.#descriptor);
    const header = Buffer.alloc(HEADER);
    const isOurs = readAt(this.#descriptor, header.subarray(0, MAGIC.length), 0) === MAGIC.length;
    if (!isOurs || !header.subarray(0, MAGIC.length).equals(MAGIC)) return 0;
    let at = MAGIC.length;
    while (at + HEADER <= size) {
      readAt(this.#descriptor, header, at);
      const count = header.readUInt32LE(16);
      const next = at + HEADER + 4 * count;
      if (header.readUInt32LE(24) !== crc32(header.subarray(0, 24)) || next > size) break;
      const key = header.toString('hex', 0, 16);
      this.#places.set(key, { at: at + HEADER, count, checksum: header.readUInt32LE(20) });
      at = next;
    }
    return at;
  }
}

/** @returns the number of bytes that the file had there. */
function readAt(descriptor: number, into: Uint8Array, position: number): number {
  let done = 0;
  while (done < into.length) {
    const read = readSync(descriptor, into, done, into.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
