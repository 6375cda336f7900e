import { getKernel, type KernelConfig, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { adamwKernel, globalNormKernel } from './kernels/adamw.js';
import { attentionGradientKernel, attentionKernel } from './kernels/attention.js';
import { batchMatMulKernel, linearKernel } from './kernels/batch-mat-mul.js';
import {
  addKernel,
  multiplyKernel,
  negKernel,
  realDivKernel,
  reluKernel,
  sqrtKernel,
  squareKernel,
  stepKernel,
  subKernel,
} from './kernels/binary.js';
import { gatherKernel, unsortedSegmentSumKernel } from './kernels/gather.js';
import { geluKernel } from './kernels/gelu.js';
import {
  concatKernel,
  packKernel,
  padKernel,
  sliceKernel,
  splitKernel,
  tileKernel,
  transposeKernel,
  unpackKernel,
} from './kernels/join-and-cut.js';
import { layerNormGradientKernel, layerNormKernel } from './kernels/layer-norm.js';
import { meanKernel, sumKernel } from './kernels/reduce.js';
import { castKernel, reshapeKernel } from './kernels/share.js';
import { loadLibrary } from './native-library.js';
import { type TensorFlowKernel, tensorFlowKernelFunc } from './tensorflow-kernel.js';

const BACKEND = 'tensorflow';

const KERNELS: readonly TensorFlowKernel[] = [
  adamwKernel,
  addKernel,
  attentionGradientKernel,
  attentionKernel,
  batchMatMulKernel,
  castKernel,
  concatKernel,
  gatherKernel,
  geluKernel,
  globalNormKernel,
  layerNormGradientKernel,
  layerNormKernel,
  linearKernel,
  meanKernel,
  multiplyKernel,
  negKernel,
  packKernel,
  padKernel,
  realDivKernel,
  reluKernel,
  reshapeKernel,
  sliceKernel,
  splitKernel,
  sqrtKernel,
  squareKernel,
  stepKernel,
  subKernel,
  sumKernel,
  tileKernel,
  transposeKernel,
  unpackKernel,
  unsortedSegmentSumKernel,
];

/** tfjs-node's own kernels that ours stand in for; undefined for names that TensorFlow.js does not have. */
const replaced = new Map<string, KernelConfig | undefined>();

/**
 * Puts the kernels that `sifaka-backend install` builds beside tfjs-node's binding in the place of libtensorflow's. They compute on the
 * CPU: on a GPU models compose TensorFlow's own.
 *
 * @param file `sifaka_kernels_2.node`; undefined takes the kernels back. Calling it again changes nothing.
 */
export function registerTensorFlowKernels(file: string | undefined): void {
  const library = file === undefined ? undefined : loadLibrary(file);
  for (const kernel of KERNELS) {
    const { name } = kernel;
    if (library !== undefined && !replaced.has(name)) {
      const engine = getKernel(name, BACKEND);
      replaced.set(name, engine);
      if (engine !== undefined) unregisterKernel(name, BACKEND);
      const kernelFunc = tensorFlowKernelFunc(kernel, library, engine?.kernelFunc);
      registerKernel({ ...engine, kernelName: name, backendName: BACKEND, kernelFunc });
    } else if (library === undefined && replaced.has(name)) {
      const engine = replaced.get(name);
      replaced.delete(name);
      unregisterKernel(name, BACKEND);
      if (engine !== undefined) registerKernel(engine);
    }
  }
}
