import { getKernel, type KernelConfig, registerKernel } from '@tensorflow/tfjs-core';
import { type CudaKernel, cudaKernelFunc } from './cuda-kernel.js';
import { batchMatMulKernel, fusedMatMulKernel } from './kernels/batch-mat-mul.js';
import { BINARY_KERNELS } from './kernels/binary.js';
import { castKernel, identityKernel, reshapeKernel } from './kernels/cast.js';
import { concatKernel, packKernel, splitKernel, unpackKernel } from './kernels/concat-and-split.js';
import {
  fillKernel,
  linSpaceKernel,
  oneHotKernel,
  onesLikeKernel,
  rangeKernel,
  zerosLikeKernel,
} from './kernels/fill.js';
import { gatherKernel, topKKernel, unsortedSegmentSumKernel } from './kernels/gather.js';
import { padKernel, tileKernel } from './kernels/pad-and-tile.js';
import { REDUCE_KERNELS } from './kernels/reduce.js';
import { selectKernel } from './kernels/select.js';
import { reverseKernel, sliceKernel, stridedSliceKernel } from './kernels/slice.js';
import { logSoftmaxKernel, softmaxKernel } from './kernels/softmax.js';
import { transposeKernel } from './kernels/transpose.js';
import { UNARY_KERNELS } from './kernels/unary.js';

/** TensorFlow.js' name of the backend. */
export const BACKEND = 'cuda';

const KERNELS: readonly CudaKernel[] = [
  ...BINARY_KERNELS,
  ...REDUCE_KERNELS,
  ...UNARY_KERNELS,
  batchMatMulKernel,
  castKernel,
  concatKernel,
  fillKernel,
  fusedMatMulKernel,
  gatherKernel,
  identityKernel,
  linSpaceKernel,
  logSoftmaxKernel,
  oneHotKernel,
  onesLikeKernel,
  packKernel,
  padKernel,
  rangeKernel,
  reshapeKernel,
  reverseKernel,
  selectKernel,
  sliceKernel,
  softmaxKernel,
  splitKernel,
  stridedSliceKernel,
  tileKernel,
  topKKernel,
  transposeKernel,
  unpackKernel,
  unsortedSegmentSumKernel,
  zerosLikeKernel,
];

/** Registers all kernels. A second call changes nothing. */
export function registerCudaKernels(): void {
  for (const kernel of KERNELS) {
    if (getKernel(kernel.name, BACKEND) !== undefined) continue;
    const config: KernelConfig = { kernelName: kernel.name, backendName: BACKEND, kernelFunc: cudaKernelFunc(kernel) };
    registerKernel(config);
  }
}
