import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import path from 'node:path';
import { RowFolder } from '../rows/row-folder.js';
import type { FrozenLayers, FrozenPrefixRows, FrozenPrefixStore } from './frozen-prefix-store.js';

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
    const limits = { maxBytes: this.#maxBytes, onWarning: this.#onWarning };
    const rows = new RowFolder('FrozenPrefixFolder', path.join(this.#folder, layersDigest(layers)), limits);
    return {
      read(key) {
        const length = rows.lengthOf(key);
        if (length === undefined) return undefined;
        const tokens = new Float32Array(length / 4);
        return rows.readInto(key, bytesOf(tokens)) ? tokens : undefined;
      },
      write: (key, tokens) => rows.write(key, bytesOf(tokens)),
      close: () => rows.close(),
    };
  }
}

function layersDigest({ description, weights }: FrozenLayers): string {
  const hash = createHash('sha256');
  const shapes = [...weights].map(([name, { shape }]) => [name, shape]);
  hash.update(JSON.stringify([LAYERS_VERSION, endianness(), description, shapes]));
  for (const variable of weights.values()) {
    const values = variable.dataSync();
    hash.update(bytesOf(values));
  }
  return hash.digest('hex');
}

function bytesOf(values: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
