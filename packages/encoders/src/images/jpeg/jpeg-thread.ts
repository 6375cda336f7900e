import { Worker } from 'node:worker_threads';
import type { ImageSize } from '../image-size.js';
import { createJpegDecoder } from './create-jpeg-decoder.js';
import { jpegModule } from './jpeg-module.js';

export interface JpegJob {
  readonly files: readonly (string | undefined)[];
  readonly size: ImageSize;
  readonly maxPixels: number;
  readonly maxBytes: number;
}

export interface JpegJobResult {
  /** `[N, height, width, 3]` */
  readonly pixels: Uint8Array;
  /** `[N]`: 1 if the file was a plain JPEG, 0 if it needs another decoder. */
  readonly done: Uint8Array;
}

/** Larger files are not plain. They are not read, because they may not fit into memory. */
const MAX_JPEG_BYTES = 1 << 20;

const SOURCE = `
const { readFileSync, statSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const decode = (${createJpegDecoder.toString()})(workerData.module);
const imageOf = (file, size, maxPixels, maxBytes) => {
  try {
    if (file === undefined) return undefined;
    const found = statSync(file);
    const isSmall = found.isFile() && found.size <= Math.min(maxBytes, ${MAX_JPEG_BYTES});
    return isSmall ? decode(readFileSync(file), size, maxPixels) : undefined;
  } catch {
    return undefined;
  }
};
parentPort.on('message', ({ files, size, maxPixels, maxBytes }) => {
  const bytes = size.height * size.width * 3;
  const pixels = new Uint8Array(files.length * bytes);
  const done = new Uint8Array(files.length);
  files.forEach((file, i) => {
    const found = imageOf(file, size, maxPixels, maxBytes);
    if (found === undefined) return;
    pixels.set(found.pixels, i * bytes);
    done[i] = 1;
  });
  parentPort.postMessage({ pixels, done }, [pixels.buffer, done.buffer]);
});
`;

/** A worker thread that reads and decodes plain JPEGs. It keeps the process alive only while it works. */
export class JpegThread {
  readonly #worker: Worker;
  #answer: ((result: JpegJobResult | undefined) => void) | undefined;
  #isLost = false;

  constructor() {
    this.#worker = new Worker(SOURCE, { eval: true, workerData: { module: jpegModule() }, env: {}, execArgv: [] });
    const lose = (): void => {
      this.#isLost = true;
      this.#settle(undefined);
    };
    this.#worker.on('message', (result: JpegJobResult) => this.#settle(result));
    this.#worker.on('error', lose);
    this.#worker.on('exit', lose);
    this.#worker.unref();
  }

  /** Runs a job. Call it again only after the previous job has ended. @returns undefined if the thread has died. */
  async decode(job: JpegJob): Promise<JpegJobResult | undefined> {
    if (this.#isLost) return undefined;
    this.#worker.ref();
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker.postMessage(job);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(result: JpegJobResult | undefined): void {
    this.#worker.unref();
    this.#answer?.(result);
    this.#answer = undefined;
  }
}
