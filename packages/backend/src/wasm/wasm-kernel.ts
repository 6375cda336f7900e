import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** A call of a kernel on the wasm engine. Inputs are borrowed; the returned tensor belongs to TensorFlow.js. */
export interface KernelCall {
  readonly backend: BackendWasm;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  /** The engine's own kernel on the same arguments, for what ours does not cover. */
  engineKernel(): TensorInfo;
}

/** A kernel of ours, in place of the engine's. */
export interface WasmKernel {
  /** TensorFlow.js' name of it. */
  readonly name: string;
  run(call: KernelCall): TensorInfo | TensorInfo[];
}

/** Wraps a kernel in TensorFlow.js' calling convention. */
export function kernelFunc({ name, run }: WasmKernel, engineKernel: KernelFunc | undefined): KernelFunc {
  return ({ inputs, backend, attrs = {} }) =>
    run({
      backend: backend as BackendWasm,
      inputs,
      attrs,
      engineKernel: () => {
        if (engineKernel === undefined) throw new Error(`${name} on wasm: these arguments are not supported`);
        return engineKernel({ inputs, backend, attrs }) as TensorInfo;
      },
    });
}
