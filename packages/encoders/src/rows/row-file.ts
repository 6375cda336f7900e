import { closeSync, constants, fstatSync, ftruncateSync, openSync, read, readSync, writevSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

// Layout: magic bytes with the version of the layout (8 bytes) · records. A record: key (16 bytes) · length (uint32) ·
// CRC-32 of the row (uint32) · CRC-32 of the 24 bytes before it (uint32) · the row. Integers are little-endian.
const MAGIC = Buffer.from('sfkrows1');
const HEADER = 28;

/** Bytes that a row takes in a file. */
export function recordBytes(row: Uint8Array): number {
  return HEADER + row.length;
}

const readAsync = promisify(read);

/** Where a row stands in its file. */
interface Place {
  readonly at: number;
  readonly length: number;
  readonly checksum: number;
}

/**
 * Rows of bytes by key, in a file that only grows and that one process writes. Others may read it meanwhile. A row
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

  /** Of a row, in bytes; undefined if there is none. */
  lengthOf(key: string): number | undefined {
    return this.#places.get(key)?.length;
  }

  /** @param into as long as the row @returns false if there is no such row, or it is damaged. */
  readInto(key: string, into: Uint8Array): boolean {
    const place = this.#places.get(key);
    return this.#isRight(key, into, place && readAt(this.#descriptor, into, place.at));
  }

  /** As {@link readInto}, without waiting for the disk. */
  async readLater(key: string, into: Uint8Array): Promise<boolean> {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    const { bytesRead } = await readAsync(this.#descriptor, into, 0, into.length, place.at);
    return this.#isRight(key, into, bytesRead);
  }

  /** @param key 32 hexadecimal digits @throws Error of `node:fs` if the disk refuses. */
  write(key: string, row: Uint8Array): void {
    const checksum = crc32(row);
    const header = Buffer.alloc(HEADER);
    header.write(key, 'hex');
    header.writeUInt32LE(row.length, 16);
    header.writeUInt32LE(checksum, 20);
    header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
    const at = this.#end + HEADER;
    this.#append([header, row]);
    this.#places.set(key, { at, length: row.length, checksum });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Forgets a row that is damaged. */
  #isRight(key: string, row: Uint8Array, bytesRead: number | undefined): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    if (place.length === row.length && bytesRead === row.length && crc32(row) === place.checksum) return true;
    this.#places.delete(key);
    return false;
  }

  /** If the disk is full, the part of a record that was written lies beyond the end, and is ignored. */
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
      const length = header.readUInt32LE(16);
      const next = at + HEADER + length;
      if (header.readUInt32LE(24) !== crc32(header.subarray(0, 24)) || next > size) break;
      const key = header.toString('hex', 0, 16);
      this.#places.set(key, { at: at + HEADER, length, checksum: header.readUInt32LE(20) });
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
