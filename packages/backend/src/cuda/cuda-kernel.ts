import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedKernel, FusedKernelName } from '../fused-kernels/fused-kernels.js';
import type { CudaBackend } from './cuda-backend.js';

/** What kernels on the cuda engine work with. */
export interface CudaContext {
  readonly cuda: CudaBackend;
}

/** A call of a kernel. Inputs are borrowed; the returned tensors belong to TensorFlow.js. */
export interface CudaCall extends CudaContext {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/** One kernel of TensorFlow.js on the cuda engine. */
export interface CudaKernel {
  /** TensorFlow.js' name of the kernel. */
  readonly name: string;
  run(call: CudaCall): TensorInfo | TensorInfo[];
}

/** A fused kernel on the cuda engine. */
export type CudaFusedKernel<Name extends FusedKernelName> = FusedKernel<Name, CudaContext>;

/** Wraps a kernel in TensorFlow.js' calling convention. */
export function cudaKernelFunc({ run }: CudaKernel): KernelFunc {
  return ({ inputs, backend, attrs = {} }) => run({ cuda: backend as CudaBackend, inputs, attrs });
}

/** Threads of a block of a kernel without cooperation. */
const THREADS = 256;
/** More blocks than this would only wait for each other: a thread then computes several values. */
const MOST_BLOCKS = 2 ** 16;

/** Starts a kernel that computes each of `size` values by itself. Its first int is `size`. */
export function runEach(
  cuda: CudaBackend,
  kernel: string,
  size: number,
  pointers: readonly number[],
  ints: readonly number[] = [],
  floats: readonly number[] = [],
): void {
  const grid = [Math.min(Math.ceil(size / THREADS), MOST_BLOCKS)] as const;
  cuda.run({ kernel, grid, threads: THREADS, pointers, ints: [size, ...ints], floats });
}

/** @throws Error that names a kernel and the types for which it does not exist. */
export function refuseTypes(kernel: string, ...types: readonly string[]): never {
  throw new Error(`${kernel} on cuda: there is no kernel for ${types.join(' and ')}`);
}
