import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 2 ** 20;
const MAX_BLOCKS = 32;

/** Reads the pages of a file without mapping it, so that a page that is not there is an error. Keeps 32 MiB of it. */
export class PageFile {
  /** Number of whole pages when the file was opened. */
  readonly pages: number;
  readonly pageSize: number;
  readonly #handle: FileHandle;
  readonly #blocks = new Map<number, Buffer>();

  constructor(handle: FileHandle, bytes: number, pageSize: number) {
    this.#handle = handle;
    this.pageSize = pageSize;
    this.pages = Math.floor(bytes / pageSize);
  }

  /** @throws Error if the file has no such page. */
  async page(number: number): Promise<Buffer> {
    if (!(number < this.pages)) {
      throw new Error(`expected page ${number} in a file of ${this.pages} pages: it is cut short`);
    }
    const start = number * this.pageSize;
    const index = Math.floor(start / BLOCK_BYTES);
    const block = this.#blocks.get(index) ?? (await this.#read(index));
    const at = start - index * BLOCK_BYTES; // A page size divides the size of a block.
    if (at + this.pageSize > block.length) throw new Error(`expected page ${number}: the file became shorter`);
    return block.subarray(at, at + this.pageSize);
  }

  async #read(index: number): Promise<Buffer> {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await this.#handle.read(block, 0, BLOCK_BYTES, index * BLOCK_BYTES);
    const found = block.subarray(0, bytesRead);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size >= MAX_BLOCKS) this.#blocks.delete(oldest!);
    this.#blocks.set(index, found);
    return found;
  }
}
