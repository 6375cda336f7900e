import { getKernel, type KernelConfig, registerKernel } from '@tensorflow/tfjs-core';
import type { FusedKernelTable } from '../fused-kernels/fused-kernels.js';
import { listFusedKernels } from '../fused-kernels/list-fused-kernels.js';
import { type CudaContext, type CudaKernel, cudaKernelFunc } from './cuda-kernel.js';
import { adamW, globalNorm } from './kernels/adamw.js';
import { attention, attentionGradient } from './kernels/attention.js';
import { batchMatMulKernel, fusedMatMulKernel } from './kernels/batch-mat-mul.js';
import { BINARY_KERNELS } from './kernels/binary.js';
import { castKernel, identityKernel, reshapeKernel } from './kernels/cast.js';
import { concatKernel, packKernel, splitKernel, unpackKernel } from './kernels/concat-and-split.js';
import { CONVOLUTION_KERNELS } from './kernels/convolution.js';
import { einsumKernel } from './kernels/einsum.js';
import {
  fillKernel,
  linSpaceKernel,
  oneHotKernel,
  onesLikeKernel,
  rangeKernel,
  zerosLikeKernel,
} from './kernels/fill.js';
import { gatherKernel, topKKernel, unsortedSegmentSumKernel } from './kernels/gather.js';
import { gelu, layerNorm, layerNormGradient } from './kernels/layer-norm.js';
import { linear, sparseMatMul } from './kernels/linear.js';
import { padKernel, tileKernel } from './kernels/pad-and-tile.js';
import { REDUCE_KERNELS } from './kernels/reduce.js';
import { selectKernel } from './kernels/select.js';
import { reverseKernel, sliceKernel, stridedSliceKernel } from './kernels/slice.js';
import { softmaxKernel } from './kernels/softmax.js';
import { transposeKernel } from './kernels/transpose.js';
import { UNARY_KERNELS } from './kernels/unary.js';

/** TensorFlow.js' name of the backend. */
export const BACKEND = 'cuda';

const FUSED: FusedKernelTable<CudaContext> = {
  AdamW: adamW,
  Attention: attention,
  AttentionGradient: attentionGradient,
  Gelu: gelu,
  GlobalNorm: globalNorm,
  LayerNorm: layerNorm,
  LayerNormGradient: layerNormGradient,
  Linear: linear,
  SparseMatMul: sparseMatMul,
};

const KERNELS: readonly CudaKernel[] = [
  ...listFusedKernels(FUSED),
  ...BINARY_KERNELS,
  ...CONVOLUTION_KERNELS,
  ...REDUCE_KERNELS,
  ...UNARY_KERNELS,
  batchMatMulKernel,
  castKernel,
  concatKernel,
  einsumKernel,
  fillKernel,
  fusedMatMulKernel,
  gatherKernel,
  identityKernel,
  linSpaceKernel,
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
