import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** Message of the error for a tensor that does not fit into WebAssembly's memory. */
export const OUT_OF_WASM_MEMORY = 'WebAssembly memory is full';

const guarded = new WeakSet<object>();

/**
 * Makes failed allocations throw. The engine itself does not check them: it writes a tensor that does not fit to
 * address 0, over its own data, and continues with wrong numbers.
 */
export function guardMemory(backend: BackendWasm): void {
  const engine = backend.wasm as unknown as {
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly HEAPU8: Uint8Array;
  };
  if (guarded.has(engine)) return;
  guarded.add(engine);
  engine._free(engine._malloc(16)); // Emscripten's stub replaces itself by the real function when it is first called.
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
