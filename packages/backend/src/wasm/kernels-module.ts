import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelExports } from './kernel-exports.js';
import { KERNELS_BASE64, RELAXED_KERNELS_BASE64 } from './kernels.generated.js';
import { hasRelaxedSimd } from './relaxed-simd.js';
import { withSharedMemory } from './shared-memory.js';
import { threadCount } from './thread-count.js';
import { ThreadPool } from './thread-pool.js';

/** The compiled kernels, bound to one engine's memory. */
export interface BoundKernels {
  readonly exports: KernelExports;
  /** Address of working memory, allocated once by the engine's own allocator. */
  readonly scratch: number;
  /** Threads that compute, including this one: 1 unless the engine's memory is shared. */
  readonly threads: number;
  /**
   * Runs a kernel that takes `(...given, first row, row after the last, scratch)` over all rows. Several threads
   * compute if the engine's memory is shared and the work is worth it. Rows are cut at multiples of `grain`.
   *
   * @param flops floating-point operations of the whole call.
   */
  parallelRows(kernel: RowKernelName, rows: number, grain: number, flops: number, given: readonly number[]): void;
}

/** Kernels that compute a range of rows. A row's result does not depend on the range. */
export type RowKernelName = (typeof ROW_KERNELS)[number];
const ROW_KERNELS = ['product', 'sparseProduct'] as const;

/** Below this, waking a thread and waiting for it costs more than it saves. */
const WORTH_THREADS_FLOPS = 3e6;

/** The parts of the engine's Emscripten module that its typings leave out. */
interface EngineModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
}

let compiled: { readonly bytes: Uint8Array<ArrayBuffer>; readonly module: WebAssembly.Module } | undefined;
const bound = new WeakMap<BackendWasm, BoundKernels>();

/**
 * Compiles the module, once per process. It is asynchronous because a browser's main thread may refuse to compile
 * synchronously.
 */
export async function compileKernels(): Promise<void> {
  if (compiled !== undefined) return;
  const base64 = hasRelaxedSimd() ? RELAXED_KERNELS_BASE64 : KERNELS_BASE64;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  compiled = { bytes, module: await WebAssembly.compile(bytes) };
}

/** The kernels, bound to this engine's memory. Call {@link compileKernels} first. */
export function kernelsOf(backend: BackendWasm): BoundKernels {
  let kernels = bound.get(backend);
  if (kernels === undefined) {
    kernels = bind(backend.wasm as unknown as EngineModule);
    bound.set(backend, kernels);
  }
  return kernels;
}

function bind(engine: EngineModule): BoundKernels {
  if (compiled === undefined) throw new Error('kernelsOf: expected compileKernels() to have finished');
  const { memory } = engine.asm;
  const shared = isShared(memory);
  const module = shared ? new WebAssembly.Module(withSharedMemory(compiled.bytes)) : compiled.module;
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const exports = instance.exports as unknown as KernelExports;
  const takeScratch = () => engine._malloc(exports.scratchBytes()) >>> 0;
  const scratch = takeScratch();
  const threads = shared ? threadCount() : 1;
  let pool: ThreadPool | undefined;
  const startPool = () => {
    const scratches = [scratch, ...Array.from({ length: threads - 1 }, takeScratch)];
    return new ThreadPool({ module, memory, exports: instance.exports, kernels: ROW_KERNELS, scratches });
  };
  return {
    exports,
    scratch,
    threads,
    parallelRows: (kernel, rows, grain, flops, given) => {
      if (threads === 1 || flops < WORTH_THREADS_FLOPS || rows <= grain) {
        const run = exports[kernel] as (...all: number[]) => void;
        run(...given, 0, rows, scratch);
        return;
      }
      pool ??= startPool();
      pool.parallelRows(kernel, rows, grain, given);
    },
  };
}

function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
}

/** A tensor's address in the engine's memory. Valid until the tensor is disposed: the engine never moves a tensor. */
export function addressOf(backend: BackendWasm, { dataId }: TensorInfo): number {
  return backend.dataIdMap.get(dataId).memoryOffset;
}
