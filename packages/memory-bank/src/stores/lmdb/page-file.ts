import { readSync } from 'node:fs';

/** Reads the pages of a file without mapping it, so that a page that is not there is an error. */
export class PageFile {
  /** Number of whole pages when the file was opened. */
  readonly pages: number;
  readonly pageSize: number;
  readonly #descriptor: number;

  constructor(descriptor: number, bytes: number, pageSize: number) {
    this.#descriptor = descriptor;
    this.pageSize = pageSize;
    this.pages = Math.floor(bytes / pageSize);
  }

  /** @throws Error if the file has no such page. */
  page(number: number): Buffer {
    if (!(number < this.pages)) {
      throw new Error(`expected page ${number} in a file of ${this.pages} pages: it is cut short`);
    }
    const page = Buffer.allocUnsafe(this.pageSize);
    const found = readSync(this.#descriptor, page, 0, this.pageSize, number * this.pageSize);
    if (found < this.pageSize) throw new Error(`expected page ${number}: the file became shorter`);
    return page;
  }
}
