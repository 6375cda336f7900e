/** Words of the control block that all threads of a pool share. */
export const CONTROL = {
  /**
   * Number of the job times {@link MAX_CHUNKS}, plus its chunks that no thread has taken. One word, so that taking a
   * chunk is atomic.
   */
  open: 0,
  /** Chunks of the job that are finished. */
  finished: 1,
  /** Not 0 if a chunk of the job has failed. */
  failed: 2,
  words: 3,
} as const;

/** Fields of a job, as float64. A thread may read them only while it holds a chunk of the job. */
export const JOB = { kernel: 0, rows: 1, chunkRows: 2, count: 3, arguments: 4, words: 32 } as const;

/** Exclusive limit of a job's chunks; a power of two. */
export const MAX_CHUNKS = 1024;

/**
 * Computes chunks of the current job until none is left:
 * `kernel(...arguments, first row, row after the last, scratch)`. The threads run this function from its source text,
 * so it must not use anything outside itself: the indices of `CONTROL` and `JOB` are spelled out.
 */
export function workOff(
  control: Int32Array,
  job: Float64Array,
  kernels: readonly ((...given: number[]) => unknown)[],
  scratch: number,
  maxChunks: number,
): void {
  for (;;) {
    const open = Atomics.load(control, 0);
    const left = open & (maxChunks - 1);
    if (left === 0) return;
    if (Atomics.compareExchange(control, 0, open, open - 1) !== open) continue;
    const [kernel, rows, chunkRows, count] = job as unknown as [number, number, number, number];
    const first = (left - 1) * chunkRows;
    try {
      kernels[kernel]!(...job.subarray(4, 4 + count), first, Math.min(rows, first + chunkRows), scratch);
    } catch {
      Atomics.store(control, 2, 1);
    }
    Atomics.add(control, 1, 1);
    Atomics.notify(control, 1);
  }
}

/**
 * The program of a thread, whose arguments are in `workerData`. After a job it polls for a while, which costs less than
 * being woken, and then sleeps.
 */
export const THREAD_SOURCE: string = `
const { workerData } = require('node:worker_threads');
const { module, memory, control, job, names, scratch, maxChunks, polls } = workerData;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
const kernels = names.map((name) => exports[name]);
const workOff = ${workOff.toString()};
for (;;) {
  workOff(control, job, kernels, scratch, maxChunks);
  let seen = Atomics.load(control, 0);
  for (let i = polls; i > 0 && (seen & (maxChunks - 1)) === 0; i--) seen = Atomics.load(control, 0);
  if ((seen & (maxChunks - 1)) === 0) Atomics.wait(control, 0, seen);
}
`;
