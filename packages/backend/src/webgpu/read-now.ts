import { EngineError } from '../engine-error.js';
import type { WebGpuBackend } from './webgpu-backend.js';

type Tick = () => void;

/**
 * Lets Dawn go on with what it has to do while JavaScript holds the thread. Its Node binding does so in an event-loop turn that it asks
 * for with `setImmediate`; the function that it passes there is caught here, and may be called at any time.
 */
export class DawnClock {
  readonly #tick: Tick;

  private constructor(tick: Tick) {
    this.#tick = tick;
  }

  /** @throws {@link EngineError} where Dawn asks for its turn in another way than the versions that were tried (0.6). */
  static async catch(device: GPUDevice): Promise<DawnClock> {
    const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      // A turn that is already asked for is not asked for again: wait until there is none.
      for (let attempt = 0; attempt < 10; attempt++) {
        const asked: Tick[] = [];
        const mapped = withImmediate(
          (turn) => asked.push(turn),
          () => buffer.mapAsync(GPUMapMode.READ),
        );
        for (const turn of asked) setImmediate(turn);
        await mapped;
        buffer.unmap();
        if (asked[0] !== undefined) return new DawnClock(asked[0]);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      buffer.destroy();
    }
    throw new EngineError(
      'webgpu',
      'this version of the package webgpu cannot read a tensor at once',
      'npm install webgpu@0.6',
    );
  }

  /** Blocks until `done` holds. */
  waitFor(done: () => boolean): void {
    let next: Tick | undefined; // Dawn asks for another turn in each: the last one is passed on, the rest would pile up.
    withImmediate(
      (turn) => {
        next = turn;
      },
      () => {
        for (let polls = 0; !done(); polls++) {
          this.#tick();
          if (polls > 50) sleep(polls < 500 ? 0.05 : 1);
        }
      },
    );
    if (next !== undefined) setImmediate(next);
  }
}

function withImmediate<Result>(immediate: (turn: Tick) => void, work: () => Result): Result {
  const before = globalThis.setImmediate;
  globalThis.setImmediate = immediate as unknown as typeof setImmediate;
  try {
    return work();
  } finally {
    globalThis.setImmediate = before;
  }
}

// Made on first use: an ordinary web page has no SharedArrayBuffer, and needs none, because only Node comes here.
let cell: Int32Array | undefined;

function sleep(milliseconds: number): void {
  cell ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, milliseconds);
}

/**
 * The bytes of a buffer on the GPU, after all that was asked of it is done.
 *
 * @returns undefined where the GPU is lost: Dawn then leaves the buffer unmapped.
 */
export function readNow(backend: WebGpuBackend, clock: DawnClock, buffer: GPUBuffer): ArrayBuffer | undefined {
  const { bufferManager } = backend;
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = bufferManager.acquireBuffer(buffer.size, usage);
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  backend.submitQueue();
  staging.mapAsync(GPUMapMode.READ).catch(() => {}); // Told by mapState, below.
  clock.waitFor(() => staging.mapState !== 'pending');
  const mapped = staging.mapState === 'mapped';
  const bytes = mapped ? staging.getMappedRange().slice(0) : undefined;
  if (mapped) staging.unmap();
  bufferManager.releaseBuffer(staging, mapped);
  return bytes;
}
