import { getKernel, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { FusedKernelTable } from '../fused-kernels/fused-kernels.js';
import { listFusedKernels } from '../fused-kernels/list-fused-kernels.js';
import { adamW, globalNorm } from './kernels/adamw.js';
import { attention, attentionGradient } from './kernels/attention.js';
import { batchMatMulKernel } from './kernels/batch-mat-mul.js';
import {
  greaterEqualKernel,
  greaterKernel,
  lessEqualKernel,
  lessKernel,
  maximumKernel,
  minimumKernel,
} from './kernels/binary.js';
import { concatKernel, splitKernel, unpackKernel } from './kernels/concat-and-split.js';
import {
  convolutionFilterGradientKernel,
  depthwiseFilterGradientKernel,
  depthwiseInputGradientKernel,
} from './kernels/convolution-gradients.js';
import { einsumKernel } from './kernels/einsum.js';
import { fusedMatMulKernel } from './kernels/fused-mat-mul.js';
import { gatherKernel } from './kernels/gather.js';
import { gelu } from './kernels/gelu.js';
import { layerNorm, layerNormGradient } from './kernels/layer-norm.js';
import { linear } from './kernels/linear.js';
import { meanKernel, sumKernel } from './kernels/reduce.js';
import { reverseKernel } from './kernels/reverse.js';
import { selectKernel } from './kernels/select.js';
import { castKernel, identityKernel } from './kernels/share.js';
import { sliceKernel } from './kernels/slice.js';
import { softmaxKernel } from './kernels/softmax.js';
import { sparseMatMul } from './kernels/sparse-mat-mul.js';
import { tileKernel } from './kernels/tile.js';
import { transposeKernel } from './kernels/transpose.js';
import { erfKernel, expKernel, rsqrtKernel, softplusKernel, sqrtKernel, tanhKernel } from './kernels/unary.js';
import { unsortedSegmentSumKernel } from './kernels/unsorted-segment-sum.js';
import { compileKernels } from './kernels-module.js';
import { type WasmContext, type WasmKernel, wasmKernelFunc } from './wasm-kernel.js';

const FUSED: FusedKernelTable<WasmContext> = {
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

const KERNELS: readonly WasmKernel[] = [
  ...listFusedKernels(FUSED),
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
  greaterEqualKernel,
  greaterKernel,
  identityKernel,
  lessEqualKernel,
  lessKernel,
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

const registered = new WeakSet<KernelFunc>();

/**
 * Registers our kernels on the wasm engine: those that it lacks, and those that it computes slowly. A second call
 * changes nothing.
 */
export async function registerWasmKernels(): Promise<void> {
  await compileKernels();
  for (const kernel of KERNELS) {
    const engine = getKernel(kernel.name, 'wasm');
    if (engine !== undefined && registered.has(engine.kernelFunc)) continue;
    if (engine !== undefined) unregisterKernel(kernel.name, 'wasm');
    const run = wasmKernelFunc(kernel, engine?.kernelFunc);
    registered.add(run);
    // The engine's setup function stays: a backend that starts later must still prepare the engine's own kernel, to
    // which ours may delegate.
    registerKernel({ ...engine, kernelName: kernel.name, backendName: 'wasm', kernelFunc: run });
  }
}
