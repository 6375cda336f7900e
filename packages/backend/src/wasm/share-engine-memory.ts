import { withSharedMemory } from './shared-memory.js';

const ENGINE = '@tensorflow/tfjs-backend-wasm';
const BINARIES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;
const SIMD = 'tfjs-backend-wasm-simd.wasm';

/** What {@link ENGINE} offers to say where its binaries lie. */
interface EnginePackage {
  setWasmPaths(paths: Readonly<Record<string, string>>, usePlatformFetch: boolean): void;
}

/**
 * Makes the wasm engine start with a memory that threads can share. Call before the engine starts; one that runs keeps its memory.
 * Node only: elsewhere, where the engine's file is not found, or where no shared memory of its size can be had, nothing changes.
 */
export async function shareEngineMemory(engine: EnginePackage): Promise<void> {
  if (globalThis.process?.versions?.node === undefined) return;
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    const file = createRequire(import.meta.url).resolve(`${ENGINE}/dist/${SIMD}`);
    const shared = withSharedMemory(await readFile(file));
    // The engine waits for ever for a module that cannot be instantiated, so see first whether its memory can be had.
    new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
    const url = `data:application/wasm;base64,${Buffer.from(shared).toString('base64')}`;
    engine.setWasmPaths(Object.fromEntries(BINARIES.map((name) => [name, url])), true);
  } catch {
    // One thread does all the work, then.
  }
}
