import { getKernel, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { adamwKernel, globalNormKernel } from './adamw.js';
import { attentionGradientKernel, attentionKernel } from './attention.js';
import { batchMatMulKernel } from './batch-mat-mul.js';
import {
  greaterEqualKernel,
  greaterKernel,
  lessEqualKernel,
  lessKernel,
  maximumKernel,
  minimumKernel,
} from './binary.js';
import {
  convolutionFilterGradientKernel,
  depthwiseFilterGradientKernel,
  depthwiseInputGradientKernel,
} from './convolution-gradients.js';
import { einsumKernel } from './einsum.js';
import { fusedMatMulKernel } from './fused-mat-mul.js';
import { gatherKernel } from './gather.js';
import { geluKernel } from './gelu.js';
import { concatKernel, splitKernel, unpackKernel } from './join-and-cut.js';
import { compileKernels } from './kernels-module.js';
import { layerNormGradientKernel, layerNormKernel } from './layer-norm.js';
import { linearKernel } from './linear.js';
import { meanKernel, sumKernel } from './reduce.js';
import { reverseKernel } from './reverse.js';
import { selectKernel } from './select.js';
import { castKernel, identityKernel } from './share.js';
import { sliceKernel } from './slice.js';
import { softmaxKernel } from './softmax.js';
import { tileKernel } from './tile.js';
import { transposeKernel } from './transpose.js';
import { erfKernel, expKernel, rsqrtKernel, softplusKernel, sqrtKernel, tanhKernel } from './unary.js';
import { unsortedSegmentSumKernel } from './unsorted-segment-sum.js';
import { kernelFunc, type WasmKernel } from './wasm-kernel.js';

const KERNELS: readonly WasmKernel[] = [
  adamwKernel,
  attentionGradientKernel,
  attentionKernel,
  batchMatMulKernel,
  castKernel,
  concatKernel,
  convolutionFilterGradientKernel,
  depthwiseFilterGradientKernel,
  depthwiseInputGradientKernel,
  einsumKernel,
  erfKernel,
  expKernel,
  fusedMatMulKernel,
  gatherKernel,
  geluKernel,
  globalNormKernel,
  greaterEqualKernel,
  greaterKernel,
  identityKernel,
  layerNormGradientKernel,
  layerNormKernel,
  lessEqualKernel,
  lessKernel,
  linearKernel,
  maximumKernel,
  meanKernel,
  minimumKernel,
  reverseKernel,
  rsqrtKernel,
  selectKernel,
  sliceKernel,
  softmaxKernel,
  softplusKernel,
  splitKernel,
  sqrtKernel,
  sumKernel,
  tanhKernel,
  tileKernel,
  transposeKernel,
  unpackKernel,
  unsortedSegmentSumKernel,
];

const ours = new WeakSet<KernelFunc>();

/** Registers the kernels that the wasm engine lacks or does slowly. Calling it again changes nothing. */
export async function registerWasmKernels(): Promise<void> {
  await compileKernels();
  for (const kernel of KERNELS) {
    const engine = getKernel(kernel.name, 'wasm');
    if (engine !== undefined && ours.has(engine.kernelFunc)) continue;
    if (engine !== undefined) unregisterKernel(kernel.name, 'wasm');
    const run = kernelFunc(kernel, engine?.kernelFunc);
    ours.add(run);
    // The engine's set-up stays: a backend started later must still prepare the kernel that ours may hand a call to.
    registerKernel({ ...engine, kernelName: kernel.name, backendName: 'wasm', kernelFunc: run });
  }
}
