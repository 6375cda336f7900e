import { type EnginePackage, useOneBinary } from './locate-binary.js';
import { withSharedMemory } from './shared-memory.js';

const BINARY = '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';

/**
 * Makes the wasm engine start with a memory that threads can share. Call it before the engine starts: a running engine
 * keeps its memory. Node only. If the engine's file is not found, or the system grants no shared memory of that size,
 * nothing changes and one thread does all the work.
 */
export async function shareEngineMemory(engine: EnginePackage): Promise<void> {
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    const shared = withSharedMemory(await readFile(createRequire(import.meta.url).resolve(BINARY)));
    // The engine waits forever for a module that cannot be instantiated, so first check that its memory is available.
    new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
    useOneBinary(engine, `data:application/wasm;base64,${Buffer.from(shared).toString('base64')}`, true);
  } catch {
    // The report says `threads: 1`.
  }
}
