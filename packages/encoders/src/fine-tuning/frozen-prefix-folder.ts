import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import path from 'node:path';
import { quotedFile } from '../quoted-file.js';
import { isAbandoned } from '../stale-files.js';
import type { FrozenLayers, FrozenPrefixRows, FrozenPrefixStore } from './frozen-prefix-store.js';
import { RowFile, recordBytes } from './row-file.js';

/** Part of the digest. Increment it when a change affects what the layers of an architecture compute. */
const LAYERS_VERSION = 1;

export interface FrozenPrefixFolderOptions {
  /** Most bytes on disk for each set of weights. Rows beyond are computed again in every run. Default 2³⁶, 64 GiB. */
  readonly maxBytes?: number;
  /**
   * Called with a message if the folder cannot be used or is full. The model goes on and computes what it cannot read,
   * because a cache only saves time. Default: `process.emitWarning`.
   */
  readonly onWarning?: (message: string) => void;
}

/**
 * Keeps what frozen layers computed in a folder, so that later runs read it. Rows are found by the content of the input
 * and by a SHA-256 digest of the layers' weights and architecture, and are float32, exactly as computed.
 *
 * Any number of processes may use the folder at once, and may be killed: each writes a file of its own, each row has a
 * checksum, and a row that is not whole is computed again. Rows of other weights stay until the folder is deleted.
 */
export class FrozenPrefixFolder implements FrozenPrefixStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #onWarning: (message: string) => void;

  /** @param folder is created with the first row. @throws RangeError if `maxBytes` is negative or not a number. */
  constructor(folder: string, options: FrozenPrefixFolderOptions = {}) {
    const { maxBytes = 2 ** 36, onWarning = (message) => process.emitWarning(message) } = options;
    if (!(maxBytes >= 0)) {
      throw new RangeError(`FrozenPrefixFolder: expected maxBytes to be a number from 0, got ${maxBytes}`);
    }
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#onWarning = onWarning;
  }

  open(layers: FrozenLayers): FrozenPrefixRows {
    const folder = path.join(this.#folder, layersDigest(layers));
    return new FolderRows(folder, this.#maxBytes, this.#onWarning);
  }
}

function layersDigest({ description, weights }: FrozenLayers): string {
  const hash = createHash('sha256');
  const shapes = [...weights].map(([name, { shape }]) => [name, shape]);
  hash.update(JSON.stringify([LAYERS_VERSION, endianness(), description, shapes]));
  for (const variable of weights.values()) {
    const values = variable.dataSync();
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** Files that no process writes, and those of the process with this id. */
const FILE = /^(?:free|(\d+))-[0-9a-f-]{36}\.rows$/;
const KEY = /^[0-9a-f]{32}$/;

class FolderRows implements FrozenPrefixRows {
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

  constructor(folder: string, maxBytes: number, onWarning: (message: string) => void) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#onWarning = onWarning;
    try {
      for (const name of this.#names()) ifThere(() => this.#open(name, 'read'));
    } catch (error) {
      this.#warn('read', error);
    }
  }

  read(key: string): Float32Array | undefined {
    try {
      return this.#rows.get(key)?.read(key);
    } catch (error) {
      this.#rows.clear(); // one warning is enough
      this.#warn('read', error);
      return undefined;
    }
  }

  write(key: string, tokens: Float32Array): void {
    if (!KEY.test(key)) {
      throw new RangeError(`FrozenPrefixFolder: expected a key of 32 hexadecimal digits, got '${key}'`);
    }
    if (!this.#writes) return;
    try {
      const rows = this.#ownFile();
      const bytes = [...this.#files.values()].reduce((sum, file) => sum + file.bytes, recordBytes(tokens));
      if (bytes > this.#maxBytes) throw new Error(`they take more than ${this.#maxBytes} bytes`);
      rows.write(key, tokens);
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

  #warn(what: 'read' | 'write', error: unknown): void {
    const { message } = error as Error;
    this.#onWarning(`FrozenPrefixFolder: cannot ${what} rows in ${quotedFile(this.#folder)}: ${message}`);
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
