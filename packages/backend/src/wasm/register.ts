import { getKernel, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { adamwKernel, globalNormKernel } from './kernels/adamw.js';
import { attentionGradientKernel, attentionKernel } from './kernels/attention.js';
import { batchMatMulKernel } from './kernels/batch-mat-mul.js';
import {
  greaterEqualKernel,
  greaterKernel,
  lessEqualKernel,
  lessKernel,
  maximumKernel,
  minimumKernel,
} from './kernels/binary.js';
import {
  convolutionFilterGradientKernel,
  depthwiseFilterGradientKernel,
  depthwiseInputGradientKernel,
} from './kernels/convolution-gradients.js';
import { einsumKernel } from './kernels/einsum.js';
import { fusedMatMulKernel } from './kernels/fused-mat-mul.js';
import { gatherKernel } from './kernels/gather.js';
import { geluKernel } from './kernels/gelu.js';
import { concatKernel, splitKernel, unpackKernel } from './kernels/join-and-cut.js';
import { layerNormGradientKernel, layerNormKernel } from './kernels/layer-norm.js';
import { linearKernel } from './kernels/linear.js';
import { meanKernel, sumKernel } from './kernels/reduce.js';
import { reverseKernel } from './kernels/reverse.js';
import { selectKernel } from './kernels/select.js';
import { castKernel, identityKernel } from './kernels/share.js';
import { sliceKernel } from './kernels/slice.js';
import { softmaxKernel } from './kernels/softmax.js';
import { tileKernel } from './kernels/tile.js';
import { transposeKernel } from './kernels/transpose.js';
import { erfKernel, expKernel, rsqrtKernel, softplusKernel, sqrtKernel, tanhKernel } from './kernels/unary.js';
import { unsortedSegmentSumKernel } from './kernels/unsorted-segment-sum.js';
import { compileKernels } from './kernels-module.js';
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
