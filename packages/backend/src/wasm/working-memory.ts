import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** Calls `work` with the address of `bytes` free bytes of the engine's memory, and frees them when it returns. */
export function withWorkingMemory(backend: BackendWasm, bytes: number, work: (address: number) => void): void {
  const memory = backend.wasm as unknown as { _malloc(bytes: number): number; _free(address: number): void };
  const address = memory._malloc(bytes) >>> 0;
  try {
    work(address);
  } finally {
    memory._free(address);
  }
}
