/** The names of the engine's three builds. It asks for one of them. */
const BINARIES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

/** The part of `@tensorflow/tfjs-backend-wasm` that says where its builds are. */
export interface EnginePackage {
  setWasmPaths(paths: Readonly<Record<string, string>>, usePlatformFetch?: boolean): void;
}

/**
 * Tells the engine where a browser finds its SIMD build. Our kernels need SIMD, so no other build is of use.
 *
 * Vite and webpack recognise the default `new URL(…, import.meta.url)`, copy the file, and put its address here.
 *
 * @param url Address of `tfjs-backend-wasm-simd.wasm`; default: the file in `@tensorflow/tfjs-backend-wasm`, as the bundler serves it.
 */
export function locateBinary(
  engine: EnginePackage,
  url: string | URL = new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm', import.meta.url),
): void {
  useOneBinary(engine, String(url));
}

/** Makes every build's name point to the same file. */
export function useOneBinary(engine: EnginePackage, url: string, usePlatformFetch = false): void {
  engine.setWasmPaths(Object.fromEntries(BINARIES.map((name) => [name, url])), usePlatformFetch);
}
