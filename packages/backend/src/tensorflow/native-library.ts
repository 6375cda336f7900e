/** A buffer of the native library, by its address: memory that holds a tensor's values. */
export type NativeBuffer = number;

/** Values of a tensor on the host. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** The functions that `native/addon.cc` exports. */
export interface NativeLibrary {
  /** Names of the kernels, in the order of their numbers. */
  readonly kernels: readonly string[];
  /**
   * Runs a kernel on a row of numbers: the counts of inputs and outputs, the inputs' buffers (0 for none), the outputs'
   * sizes in bytes, which the call replaces by their buffers, and the kernel's own numbers.
   */
  run(kernel: number, row: Float64Array): void;
  /** Copies the values into a new buffer. */
  upload(values: Values): NativeBuffer;
  /** Copies the buffer's values into `to`. */
  read(buffer: NativeBuffer, to: Values): void;
  retain(buffer: NativeBuffer): void;
  release(buffer: NativeBuffer): void;
  /** Sets the tensor that the next operation `SifakaLend` returns; `type` is one of TensorFlow's numbers. */
  lend(buffer: NativeBuffer, type: number, shape: Float64Array): void;
  /** The buffer that the last operation `SifakaBorrow` received; 0 if there is none. */
  borrowed(): NativeBuffer;
}

const loaded = new Map<string, NativeLibrary>();

/** Loads the library, once per process. @param file its path; its name is `KERNELS_LIBRARY`. */
export function loadLibrary(file: string): NativeLibrary {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const module = { exports: {} };
  process.dlopen(module, file);
  const library = module.exports as NativeLibrary;
  loaded.set(file, library);
  return library;
}
