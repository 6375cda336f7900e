/** A buffer of the library's, by its address: memory that holds a tensor's values. */
export type Buffer = number;

export type Values = Float32Array | Int32Array | Uint8Array;

/** What `native/addon.cc` offers. */
export interface NativeLibrary {
  /** Names of the kernels, in their order. */
  readonly kernels: readonly string[];
  /**
   * Runs a kernel on a row of numbers: how many inputs and outputs there are, the inputs' buffers (0 for none), the outputs' sizes in
   * bytes, which give way to their buffers, and the kernel's own numbers.
   */
  run(kernel: number, row: Float64Array): void;
  /** A buffer with a copy of the values. */
  upload(values: Values): Buffer;
  /** Copies the buffer's values into `to`. */
  read(buffer: Buffer, to: Values): void;
  retain(buffer: Buffer): void;
  release(buffer: Buffer): void;
  /** What the next operation `SifakaLend` gives, `type` in TensorFlow's numbers. */
  lend(buffer: Buffer, type: number, shape: Float64Array): void;
  /** What the last operation `SifakaBorrow` was given; 0 if nothing. */
  borrowed(): Buffer;
}

const loaded = new Map<string, NativeLibrary>();

/** @param file `sifaka_kernels_2.node`. */
export function loadLibrary(file: string): NativeLibrary {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const module = { exports: {} };
  process.dlopen(module, file);
  const library = module.exports as NativeLibrary;
  loaded.set(file, library);
  return library;
}
