import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { quotedFile } from '../quoted-file.js';
import { isAbandoned } from '../stale-files.js';
import { RowFile, recordBytes } from './row-file.js';

/** Files that no process writes, and those of the process with this id. */
const FILE = /^(?:free|(\d+))-[0-9a-f-]{36}\.rows$/;
const KEY = /^[0-9a-f]{32}$/;

export interface RowFolderOptions {
  /** Most bytes on disk. Further rows are not written. */
  readonly maxBytes: number;
  /** Called with a message if the folder cannot be used or is full. */
  readonly onWarning: (message: string) => void;
}

/**
 * Rows of bytes by key, in files of a folder. Any number of processes may use it at once, and may be killed: each writes
 * a file of its own, and reads those that were there when it started. What the folder cannot do is a warning, and the
 * row is not there.
 */
export class RowFolder {
  readonly #where: string;
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #onWarning: (message: string) => void;
  /** By the name that they had when they were opened. */
  readonly #files = new Map<string, RowFile>();
  /** By key, the file that has the row. */
  readonly #rows = new Map<string, RowFile>();
  /** The name of the file that this process writes. */
  #own: string | undefined;
  /** False when the folder is full, or after a failure. */
  #writes = true;

  /** @param where for messages @param folder is created with the first row */
  constructor(where: string, folder: string, { maxBytes, onWarning }: RowFolderOptions) {
    this.#where = where;
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#onWarning = onWarning;
    try {
      for (const name of this.#names()) ifThere(() => this.#open(name, 'read'));
    } catch (error) {
      this.#warn('read', error);
    }
  }

  /** Of a row, in bytes; undefined if there is none. */
  lengthOf(key: string): number | undefined {
    return this.#rows.get(key)?.lengthOf(key);
  }

  /** @param into as long as the row @returns false if there is no such row, or it is damaged. */
  readInto(key: string, into: Uint8Array): boolean {
    try {
      return this.#rows.get(key)?.readInto(key, into) ?? false;
    } catch (error) {
      return this.#giveUpReading(error);
    }
  }

  /** As {@link readInto}, without waiting for the disk. */
  async readLater(key: string, into: Uint8Array): Promise<boolean> {
    try {
      return (await this.#rows.get(key)?.readLater(key, into)) ?? false;
    } catch (error) {
      return this.#giveUpReading(error);
    }
  }

  /** @param key 32 hexadecimal digits */
  write(key: string, row: Uint8Array): void {
    if (!KEY.test(key)) {
      throw new RangeError(`${this.#where}: expected a key of 32 hexadecimal digits, got '${key}'`);
    }
    if (!this.#writes) return;
    try {
      const rows = this.#ownFile();
      const bytes = [...this.#files.values()].reduce((sum, file) => sum + file.bytes, recordBytes(row));
      if (bytes > this.#maxBytes) throw new Error(`they take more than ${this.#maxBytes} bytes`);
      rows.write(key, row);
      this.#rows.set(key, rows);
    } catch (error) {
      this.#writes = false;
      this.#warn('write', error);
    }
  }

  close(): void {
    this.#writes = false;
    this.#rows.clear();
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    if (this.#own !== undefined) hasRenamed(this.#pathOf(this.#own), this.#pathOf(`free-${randomUUID()}.rows`));
    this.#own = undefined;
  }

  /** The file that this process writes: one that another process left, else a new one. */
  #ownFile(): RowFile {
    const known = this.#own === undefined ? undefined : this.#files.get(this.#own);
    if (known !== undefined) return known;
    mkdirSync(this.#folder, { recursive: true });
    const name = `${process.pid}-${randomUUID()}.rows`;
    // Of several processes that want a file, one renames it. The others do not find it.
    const left = this.#names().find(
      (other) => this.#isLeft(other) && hasRenamed(this.#pathOf(other), this.#pathOf(name)),
    );
    if (left !== undefined) {
      this.#files.get(left)?.close();
      this.#files.delete(left);
    }
    this.#own = name;
    return this.#open(name, 'write');
  }

  #isLeft(name: string): boolean {
    const pid = FILE.exec(name)?.[1];
    if (pid === undefined) return true;
    const modified = statSync(this.#pathOf(name), { throwIfNoEntry: false })?.mtimeMs;
    return modified !== undefined && isAbandoned(Number(pid), modified);
  }

  #open(name: string, mode: 'read' | 'write'): RowFile {
    const file = new RowFile(this.#pathOf(name), mode);
    this.#files.set(name, file);
    for (const key of file.keys) this.#rows.set(key, file);
    return file;
  }

  #names(): readonly string[] {
    return (ifThere(() => readdirSync(this.#folder)) ?? []).filter((name) => FILE.test(name));
  }

  #pathOf(name: string): string {
    return path.join(this.#folder, name);
  }

  #giveUpReading(error: unknown): false {
    this.#rows.clear(); // one warning is enough
    this.#warn('read', error);
    return false;
  }

  #warn(what: 'read' | 'write', error: unknown): void {
    const { message } = error as Error;
    this.#onWarning(`${this.#where}: cannot ${what} rows in ${quotedFile(this.#folder)}: ${message}`);
  }
}

/** @returns undefined if the file or folder does not exist, or another process has just renamed it. */
function ifThere<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function hasRenamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
