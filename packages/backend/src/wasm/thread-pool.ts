import type { Worker } from 'node:worker_threads';
import { CONTROL, JOB, MAX_CHUNKS, THREAD_SOURCE, workOff } from './thread-source.js';

/** A kernel whose last three arguments are: first row, row after the last, address of working memory. */
type RowKernel = (...given: number[]) => unknown;

export interface ThreadPoolOptions {
  /** The kernels' module, whose memory is shared, and that memory. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** This thread's instance of the module. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Names of the kernels that {@link ThreadPool.parallelRows} may run. */
  readonly kernels: readonly string[];
  /** Addresses of working memory, one for each thread; the first is the caller's. */
  readonly scratches: readonly number[];
}

/** Chunks that each thread gets on average: a thread that starts late takes fewer. */
const CHUNKS_PER_THREAD = 4;

/** Times that a thread polls for work, or the caller for the end of the work, before it sleeps; about 50 µs. */
const POLLS = 5000;

/** A shorter wait means nothing: it is the end of a small chunk, or a wake-up. */
const SLACK_MS = 0.1;

/** Caps the number of jobs that the caller does alone, before it tries threads again, at about 1,000. */
const MAX_SETBACKS = 8;

/** If the threads finish no chunk for this long, one of them is lost. */
const TIMEOUT_MS = 60_000;

/**
 * Threads that share the rows of a kernel's output. The caller computes too. The other threads sleep between jobs and
 * do not keep the process alive. Chance decides which thread computes which row, so a kernel's rows must depend neither
 * on each other nor on how they are cut.
 */
export class ThreadPool {
  readonly threads: number;
  readonly #kernels: readonly RowKernel[];
  readonly #names: readonly string[];
  readonly #scratch: number;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.words));
  readonly #job = new Float64Array(new SharedArrayBuffer(8 * JOB.words));
  readonly #workers: readonly Worker[];
  #number = 0;
  #lost = false;
  #setbacks = 0;
  /** Jobs that the caller does alone before it tries threads again. */
  #jobsAlone = 0;

  constructor({ module, memory, exports, kernels, scratches }: ThreadPoolOptions) {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    this.threads = scratches.length;
    this.#names = kernels;
    this.#kernels = kernels.map((name) => exports[name] as RowKernel);
    this.#scratch = scratches[0]!;
    this.#workers = scratches.slice(1).map((scratch) => {
      const shared = { module, memory, control: this.#control, job: this.#job };
      const workerData = { ...shared, names: kernels, scratch, maxChunks: MAX_CHUNKS, polls: POLLS };
      const worker = new Worker(THREAD_SOURCE, { eval: true, workerData, env: {}, execArgv: [] });
      worker.on('error', () => {}); // A thread that cannot start takes no chunks, and the others compute them.
      worker.unref();
      return worker;
    });
  }

  /**
   * Runs `kernel(...given, first, last, scratch)` over all of `rows`, cut at multiples of `grain`.
   *
   * @throws Error if a kernel traps, or a thread is lost while it computes.
   */
  parallelRows(kernel: string, rows: number, grain: number, given: readonly number[]): void {
    if (this.#lost || this.#jobsAlone > 0) {
      this.#jobsAlone--;
      this.#kernels[this.#names.indexOf(kernel)]!(...given, 0, rows, this.#scratch);
      return;
    }
    const grains = Math.ceil(rows / grain);
    const chunkRows = grain * Math.ceil(grains / Math.min(grains, this.threads * CHUNKS_PER_THREAD, MAX_CHUNKS - 1));
    const chunks = Math.ceil(rows / chunkRows);
    this.#job.set([this.#names.indexOf(kernel), rows, chunkRows, given.length, ...given]);
    Atomics.store(this.#control, CONTROL.finished, 0);
    this.#number = (this.#number + 1) % (2 ** 31 / MAX_CHUNKS);
    Atomics.store(this.#control, CONTROL.open, this.#number * MAX_CHUNKS + chunks);
    Atomics.notify(this.#control, CONTROL.open);
    const begun = performance.now();
    workOff(this.#control, this.#job, this.#kernels, this.#scratch, MAX_CHUNKS);
    const worked = performance.now();
    this.#awaitOthers(kernel, chunks);
    this.#backOff(worked - begun, performance.now() - worked);
  }

  /** Terminates the threads. */
  async dispose(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /**
   * The caller should wait for less time than a chunk takes. If it waits longer than it computed itself, a thread took
   * a chunk but had no core to compute it on, because the machine is busy. The caller then does the next jobs alone:
   * the more often this happens, the more jobs.
   */
  #backOff(computed: number, waited: number): void {
    if (waited > computed + SLACK_MS) {
      this.#setbacks = Math.min(this.#setbacks + 1, MAX_SETBACKS);
      this.#jobsAlone = 4 * 2 ** this.#setbacks;
    } else {
      this.#setbacks = Math.max(0, this.#setbacks - 1);
    }
  }

  #awaitOthers(kernel: string, chunks: number): void {
    const control = this.#control;
    for (let i = POLLS; i > 0 && Atomics.load(control, CONTROL.finished) < chunks; i--);
    for (let done = Atomics.load(control, CONTROL.finished); done < chunks; ) {
      if (Atomics.wait(control, CONTROL.finished, done, TIMEOUT_MS) === 'timed-out') {
        this.#lost = true;
        throw new Error(
          `${kernel} on wasm: expected ${chunks} parts from ${this.threads} threads, got ${done}; one is lost`,
        );
      }
      done = Atomics.load(control, CONTROL.finished);
    }
    if (Atomics.exchange(control, CONTROL.failed, 0) !== 0) throw new Error(`${kernel} on wasm: a thread trapped`);
  }
}
