import { availableParallelism } from 'node:os';
import { forEachParallel } from '../for-each-parallel.js';
import { type JpegJob, JpegThread } from './jpeg-thread.js';

export interface DecodeJpegsOptions extends JpegJob {
  /** Threads at most; never more than there are cores. */
  readonly concurrency: number;
  /** Where the pixels go, `[N, height, width, 3]`. */
  readonly pixels: Uint8Array;
  /** Called once for each file that was decoded. */
  readonly onDecoded: (index: number) => void;
}

const FILES_PER_JOB = 32;

/** Starting threads takes as long as decoding some hundred small pictures. */
const WORTH_THREADS = 256;

/** So long threads wait for another call. */
const REST_MS = 2000;

const resting: JpegThread[] = [];
let endOfRest: NodeJS.Timeout | undefined;

/** Decodes those of many files that are plain JPEGs in threads of their own; leaves the others, and all if they are few. */
export async function decodeJpegs({
  files,
  size,
  maxPixels,
  concurrency,
  pixels,
  onDecoded,
}: DecodeJpegsOptions): Promise<void> {
  if (files.length < WORTH_THREADS) return;
  clearTimeout(endOfRest);
  const bytes = size.height * size.width * 3;
  try {
    await forEachParallel(
      Math.ceil(files.length / FILES_PER_JOB),
      Math.min(concurrency, availableParallelism()),
      async (job) => {
        const first = job * FILES_PER_JOB;
        const thread = resting.pop() ?? new JpegThread();
        const result = await thread.decode({ files: files.slice(first, first + FILES_PER_JOB), size, maxPixels });
        if (result === undefined) return;
        resting.push(thread);
        result.done.forEach((isDone, i) => {
          if (isDone === 0) return;
          pixels.set(result.pixels.subarray(i * bytes, (i + 1) * bytes), (first + i) * bytes);
          onDecoded(first + i);
        });
      },
    );
  } finally {
    clearTimeout(endOfRest);
    endOfRest = setTimeout(() => {
      for (const thread of resting.splice(0)) void thread.end();
    }, REST_MS).unref();
  }
}
