import type { RowFolder } from '../rows/row-folder.js';
import type { BrokenImage } from './broken-image.js';
import { decodeWithFormat } from './decode-image.js';
import { forEachParallel } from './for-each-parallel.js';
import type { ImageFormat } from './image-format.js';
import { type ImageSize, imageBytes } from './image-size.js';

/**
 * Decoded images on disk, of which only the rows of a batch are in memory. {@link openImages} makes one.
 *
 * Each image is one row of bytes, found by the file's name, size and modification time, the options and the decoder
 * versions, and has a checksum. A row that is damaged after it was opened is decoded again.
 */
export class ImageStore {
  readonly size: ImageSize;
  /** `[N]` 0 missing, 1 ok, 2 broken. */
  readonly status: Uint8Array;
  /** Ordered by index. */
  readonly broken: readonly BrokenImage[];
  /** How many images this call decoded. The others were there. */
  readonly decoded: number;
  readonly #rows: RowFolder;
  readonly #format: ImageFormat;
  readonly #files: readonly (string | undefined)[];
  readonly #keys: readonly string[];

  /** @internal */
  constructor(parts: {
    readonly rows: RowFolder;
    readonly format: ImageFormat;
    readonly files: readonly (string | undefined)[];
    readonly keys: readonly string[];
    readonly status: Uint8Array;
    readonly broken: readonly BrokenImage[];
    readonly decoded: number;
  }) {
    this.size = parts.format.size;
    this.status = parts.status;
    this.broken = parts.broken;
    this.decoded = parts.decoded;
    this.#rows = parts.rows;
    this.#format = parts.format;
    this.#files = parts.files;
    this.#keys = parts.keys;
  }

  /**
   * Reads images by position, without blocking the thread.
   *
   * @param indices `[B]`
   * @param into `[B, height, width, 3]`: receives the pixels; zeros for images with a status other than 1. Default: new.
   * @returns `into`
   * @throws RangeError for an unknown index, or an `into` of another length; ImageError if a row is damaged and its file
   *   cannot be decoded any more.
   */
  async read(indices: ArrayLike<number>, into?: Uint8Array): Promise<Uint8Array> {
    const bytes = imageBytes(this.size);
    const pixels = into ?? new Uint8Array(indices.length * bytes);
    if (pixels.length !== indices.length * bytes) {
      throw new RangeError(
        `ImageStore.read: expected ${indices.length} · ${bytes} bytes to fill, got ${pixels.length}`,
      );
    }
    const unknown = Array.from(indices).find((index) => this.status[index] === undefined);
    if (unknown !== undefined) {
      throw new RangeError(`ImageStore.read: expected indices in 0 … ${this.status.length - 1}, got ${unknown}`);
    }
    await forEachParallel(indices.length, 8, async (i) => {
      const row = pixels.subarray(i * bytes, (i + 1) * bytes);
      if (this.status[indices[i]!] === 1) await this.#readOne(indices[i]!, row);
      else row.fill(0);
    });
    return pixels;
  }

  /** Releases the files. */
  close(): void {
    this.#rows.close();
  }

  async #readOne(index: number, into: Uint8Array): Promise<void> {
    const key = this.#keys[index]!;
    if (await this.#rows.readLater(key, into)) return;
    into.set(await decodeWithFormat(this.#files[index]!, this.#format));
    this.#rows.write(key, into);
  }
}
