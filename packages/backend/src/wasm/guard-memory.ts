import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** Thrown where a WebAssembly engine has no room for a tensor. */
export const OUT_OF_WASM_MEMORY = 'WebAssembly memory is full';

const guarded = new WeakSet<object>();

/**
 * Makes an allocation that fails throw. The engine does not look at the allocator's answer: it writes a tensor for which there was no
 * room to address 0, over its own data, and goes on with wrong numbers.
 */
export function guardMemory(backend: BackendWasm): void {
  const engine = backend.wasm as unknown as {
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly HEAPU8: Uint8Array;
  };
  if (guarded.has(engine)) return;
  guarded.add(engine);
  engine._free(engine._malloc(16)); // Emscripten's stub puts the real function in its own place when it is first called.
  const allocate = engine._malloc;
  engine._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0) {
      const held = Math.round(engine.HEAPU8.length / 2 ** 20);
      throw new Error(
        `${OUT_OF_WASM_MEMORY}: expected room for ${bytes} bytes; the engine holds ${held} MiB of at most 4096`,
      );
    }
    return address;
  };
}
