import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { KERNELS_BASE64 } from './kernels.generated.js';

/** What `assembly/index.ts` exports. Addresses are bytes in the engine's memory; flags are 0 or 1. */
export interface KernelExports {
  scratchBytes(): number;
  product(
    a: number,
    b: number,
    c: number,
    batch: number,
    aStride: number,
    bStride: number,
    m: number,
    n: number,
    k: number,
    transposeA: number,
    transposeB: number,
    scratch: number,
  ): void;
  addBias(y: number, bias: number, rows: number, width: number): void;
  segmentSum(x: number, ids: number, out: number, rows: number, width: number, segments: number): void;
  sum(x: number, out: number, outer: number, middle: number, inner: number, scale: number): void;
  softmax(x: number, y: number, rows: number, width: number): void;
  exp(x: number, y: number, count: number): void;
  erf(x: number, y: number, count: number): void;
  tanh(x: number, y: number, count: number): void;
  gelu(x: number, y: number, count: number): void;
  geluGradient(x: number, dy: number, dx: number, count: number): void;
  gather(
    x: number,
    ids: number,
    out: number,
    batch: number,
    outer: number,
    size: number,
    count: number,
    slice: number,
  ): number;
  repeat(x: number, out: number, blocks: number, repeats: number, bytes: number): void;
  select(condition: number, yes: number, no: number, out: number, count: number): void;
  swapAxes(x: number, out: number, outer: number, rows: number, columns: number, words: number): void;
}

/** The compiled kernels, bound to one engine's memory. */
export interface BoundKernels {
  readonly exports: KernelExports;
  /** Working memory, taken once from the engine's own allocator. */
  readonly scratch: number;
}

/** The parts of the engine's Emscripten module that its typings leave out. */
interface EngineModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
}

let compiled: WebAssembly.Module | undefined;
const bound = new WeakMap<BackendWasm, BoundKernels>();

/** Compiles the module (once per process). A browser's main thread may refuse to do that synchronously, hence the promise. */
export async function compileKernels(): Promise<void> {
  compiled ??= await WebAssembly.compile(Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0)));
}

/** The kernels working in place in this engine's memory. Call {@link compileKernels} first. */
export function kernelsOf(backend: BackendWasm): BoundKernels {
  let kernels = bound.get(backend);
  if (kernels === undefined) {
    if (compiled === undefined) throw new Error('kernelsOf: expected compileKernels() to have finished');
    const engine = backend.wasm as unknown as EngineModule;
    const instance = new WebAssembly.Instance(compiled, { env: { memory: engine.asm.memory } });
    const exports = instance.exports as unknown as KernelExports;
    kernels = { exports, scratch: engine._malloc(exports.scratchBytes()) >>> 0 };
    bound.set(backend, kernels);
  }
  return kernels;
}

/** A tensor's address in the engine's memory. Valid until the tensor is disposed: the engine never moves a tensor. */
export function addressOf(backend: BackendWasm, { dataId }: TensorInfo): number {
  return backend.dataIdMap.get(dataId).memoryOffset;
}
