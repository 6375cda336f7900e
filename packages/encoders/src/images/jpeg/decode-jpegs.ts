import { availableParallelism } from 'node:os';
import { forEachParallel } from '../for-each-parallel.js';
import { type JpegJob, JpegThread } from './jpeg-thread.js';

export interface DecodeJpegsOptions extends JpegJob {
  /** Maximum number of threads. There are never more than cores. */
  readonly concurrency: number;
  /** `[N, height, width, 3]`: receives the pixels. */
  readonly pixels: Uint8Array;
  /** Called once for each decoded file. */
  readonly onDecoded: (index: number) => void;
  readonly signal: AbortSignal | undefined;
}

const FILES_PER_JOB = 32;

/** Starting threads takes as long as decoding a few hundred small images. */
const MIN_FILES_FOR_THREADS = 256;

/** How long idle threads wait for another call. */
const IDLE_MS = 2000;

const idle: JpegThread[] = [];
let endOfIdle: NodeJS.Timeout | undefined;

/** Decodes the plain JPEGs among many files in worker threads. Skips other files, and does nothing for a short list. */
export async function decodeJpegs({
  files,
  size,
  maxPixels,
  maxBytes,
  concurrency,
  pixels,
  signal,
  onDecoded,
}: DecodeJpegsOptions): Promise<void> {
  if (files.length < MIN_FILES_FOR_THREADS) return;
  clearTimeout(endOfIdle);
  const bytes = size.height * size.width * 3;
  try {
    await forEachParallel(
      Math.ceil(files.length / FILES_PER_JOB),
      Math.min(concurrency, availableParallelism()),
      async (job) => {
        signal?.throwIfAborted();
        const first = job * FILES_PER_JOB;
        const thread = idle.pop() ?? new JpegThread();
        const some = files.slice(first, first + FILES_PER_JOB);
        const result = await thread.decode({ files: some, size, maxPixels, maxBytes });
        if (result === undefined) return;
        idle.push(thread);
        result.done.forEach((isDone, i) => {
          if (isDone === 0) return;
          pixels.set(result.pixels.subarray(i * bytes, (i + 1) * bytes), (first + i) * bytes);
          onDecoded(first + i);
        });
      },
    );
  } finally {
    clearTimeout(endOfIdle);
    endOfIdle = setTimeout(() => {
      for (const thread of idle.splice(0)) void thread.end();
    }, IDLE_MS).unref();
  }
}
