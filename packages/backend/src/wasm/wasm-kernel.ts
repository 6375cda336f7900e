import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedKernel, FusedKernelName } from '../fused-kernels/fused-kernels.js';

/** What our kernels on the wasm engine work with. */
export interface WasmContext {
  readonly backend: BackendWasm;
}

/** A call of a kernel on the wasm engine. Inputs are borrowed; the returned tensors belong to TensorFlow.js. */
export interface WasmCall extends WasmContext {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  /** Runs the engine's own kernel on the same arguments, for cases that this kernel does not cover. */
  engineKernel(): TensorInfo;
}

/** One of our kernels, which replaces the engine's. */
export interface WasmKernel {
  /** TensorFlow.js' name of the kernel. */
  readonly name: string;
  run(call: WasmCall): TensorInfo | TensorInfo[];
}

/** A fused kernel on the wasm engine. */
export type WasmFusedKernel<Name extends FusedKernelName> = FusedKernel<Name, WasmContext>;

/** Wraps a kernel in TensorFlow.js' calling convention. */
export function wasmKernelFunc({ name, run }: WasmKernel, engineKernel: KernelFunc | undefined): KernelFunc {
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
