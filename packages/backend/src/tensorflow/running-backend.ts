import { backend, getKernel } from '@tensorflow/tfjs-core';
import { ENGINES } from '../engine-descriptions.js';

/** The parts of tfjs-node's backend that describe it. */
interface DescribedBackend {
  readonly binding?: { readonly TF_Version?: string };
  readonly isUsingGpuDevice?: boolean;
}

/** What runs now on native TensorFlow. */
export interface BackendDescription {
  /** `libtensorflow 2.21.0`, or `libtensorflow 2.21.0 with Sifaka's kernels`. */
  readonly nativeVersion: string;
  readonly device: string;
  /** Threads that share one operation; 0 on a GPU. */
  readonly threads: number;
}

/**
 * Whether a GPU computes. tfjs-node-gpu silently uses the CPU if it finds no GPU; tfjs-node uses a GPU if its library
 * can.
 */
export function usesGpu(): boolean {
  return (backend() as unknown as DescribedBackend).isUsingGpuDevice === true;
}

/** Describes the current backend, which must be `tensorflow`. */
export function describeRunningBackend(): BackendDescription {
  const { binding } = backend() as unknown as DescribedBackend;
  const gpu = usesGpu();
  const { availableParallelism } = process.getBuiltinModule('node:os');
  // libtensorflow's own rule: the environment variable, or the processors that this process may use.
  const threads = gpu ? 0 : Number(process.env['TF_NUM_INTRAOP_THREADS']) || availableParallelism();
  const { device } = ENGINES[gpu ? 'tensorflow-gpu' : 'tensorflow'];
  const kernels = getKernel('Linear', 'tensorflow') === undefined ? '' : " with Sifaka's kernels";
  return { nativeVersion: `libtensorflow ${binding?.TF_Version}${kernels}`, device, threads };
}
