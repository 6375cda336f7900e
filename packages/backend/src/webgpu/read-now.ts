import { EngineError } from '../engine-error.js';
import type { WebGpuBackend } from './webgpu-backend.js';

type Tick = () => void;

/**
 * Lets Dawn make progress while JavaScript blocks the thread. Dawn's Node binding works in turns of the event loop,
 * which it requests by `setImmediate`. This class captures the function that Dawn passes there, and calls it at any
 * time.
 */
export class DawnClock {
  readonly #tick: Tick;

  private constructor(tick: Tick) {
    this.#tick = tick;
  }

  /** @throws {@link EngineError} if Dawn requests its turns in another way than the tested version (0.6) does. */
  static async capture(device: GPUDevice): Promise<DawnClock> {
    const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      // Dawn does not request a turn while one is pending: wait until there is none.
      for (let attempt = 0; attempt < 10; attempt++) {
        const requested: Tick[] = [];
        const mapped = withImmediate(
          (turn) => requested.push(turn),
          () => buffer.mapAsync(GPUMapMode.READ),
        );
        for (const turn of requested) setImmediate(turn);
        await mapped;
        buffer.unmap();
        if (requested[0] !== undefined) return new DawnClock(requested[0]);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      buffer.destroy();
    }
    throw new EngineError(
      'webgpu',
      'this version of the package webgpu cannot read a tensor synchronously',
      'npm install webgpu@0.6',
    );
  }

  /** Blocks until `done` holds. */
  waitFor(done: () => boolean): void {
    // Dawn requests another turn in each turn. Only the last request is passed on; the others would pile up.
    let next: Tick | undefined;
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

// Made on first use: an ordinary web page has no SharedArrayBuffer. Only Node needs it.
let cell: Int32Array | undefined;

function sleep(milliseconds: number): void {
  cell ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, milliseconds);
}

/**
 * Waits for all submitted work and returns the bytes of a buffer on the GPU.
 *
 * @returns undefined if the GPU is lost: Dawn then leaves the buffer unmapped.
 */
export function readNow(backend: WebGpuBackend, clock: DawnClock, buffer: GPUBuffer): ArrayBuffer | undefined {
  const { bufferManager } = backend;
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = bufferManager.acquireBuffer(buffer.size, usage);
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  backend.submitQueue();
  staging.mapAsync(GPUMapMode.READ).catch(() => {}); // `mapState` tells it, below.
  clock.waitFor(() => staging.mapState !== 'pending');
  const mapped = staging.mapState === 'mapped';
  const bytes = mapped ? staging.getMappedRange().slice(0) : undefined;
  if (mapped) staging.unmap();
  bufferManager.releaseBuffer(staging, mapped);
  return bytes;
}
