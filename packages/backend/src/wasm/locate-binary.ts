/** The names of the engine's three builds. It loads one of them. */
const BINARIES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

/** The part of `@tensorflow/tfjs-backend-wasm` that takes the addresses of its builds. */
export interface EnginePackage {
  setWasmPaths(paths: Readonly<Record<string, string>>, usePlatformFetch?: boolean): void;
}

/**
 * Tells the engine where a browser finds its SIMD build. Our kernels need SIMD, so the other builds are of no use.
 *
 * @param url address of `tfjs-backend-wasm-simd.wasm`; default: the copy that this package's build puts beside this
 *   module. Bundlers that know `new URL(…, import.meta.url)`, such as Vite, serve the file and put its address here.
 */
export function locateBinary(
  engine: EnginePackage,
  url: string | URL = new URL('./tfjs-backend-wasm-simd.wasm', import.meta.url),
): void {
  useOneBinary(engine, String(url));
}

/** Makes the names of all builds point to the same file. */
export function useOneBinary(engine: EnginePackage, url: string, usePlatformFetch = false): void {
  engine.setWasmPaths(Object.fromEntries(BINARIES.map((name) => [name, url])), usePlatformFetch);
}
