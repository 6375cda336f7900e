import { backend, getKernel } from '@tensorflow/tfjs-core';
import { ENGINES } from '../engines.js';

interface TensorFlowBackend {
  readonly binding?: { readonly TF_Version?: string };
  readonly isUsingGpuDevice?: boolean;
}

/** What lies beneath the current backend, which is `tensorflow`. */
export interface NativeReport {
  /** `libtensorflow 2.21.0`, and whether the kernels that `install` builds are with it. */
  readonly nativeVersion: string;
  readonly device: string;
  /** Threads that one operation is spread over; 0 on a GPU. */
  readonly threads: number;
}

/** tfjs-node-gpu runs on the CPU without a word where it finds no GPU, and tfjs-node on the GPU with a library that can. */
export function usesGpu(): boolean {
  return (backend() as unknown as TensorFlowBackend).isUsingGpuDevice === true;
}

/** Asks the running tfjs-node. */
export function reportNative(): NativeReport {
  const { binding } = backend() as unknown as TensorFlowBackend;
  const gpu = usesGpu();
  const { availableParallelism } = process.getBuiltinModule('node:os');
  // libtensorflow's own rule: the environment variable, else the processors that this process may run on.
  const threads = gpu ? 0 : Number(process.env['TF_NUM_INTRAOP_THREADS']) || availableParallelism();
  const { device } = ENGINES[gpu ? 'tensorflow-gpu' : 'tensorflow'];
  const own = getKernel('Linear', 'tensorflow') === undefined ? '' : ' with our kernels';
  return { nativeVersion: `libtensorflow ${binding?.TF_Version}${own}`, device, threads };
}
