import { getKernel, type KernelConfig, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { FusedKernelTable } from '../fused-kernels/fused-kernels.js';
import { listFusedKernels } from '../fused-kernels/list-fused-kernels.js';
import { adamW, globalNorm } from './kernels/adamw.js';
import { attention, attentionGradient } from './kernels/attention.js';
import { batchMatMulKernel } from './kernels/batch-mat-mul.js';
import { addKernel, multiplyKernel, realDivKernel, subKernel } from './kernels/binary.js';
import { concatKernel, packKernel, splitKernel, unpackKernel } from './kernels/concat-and-split.js';
import { gatherKernel } from './kernels/gather.js';
import { gelu } from './kernels/gelu.js';
import { layerNorm, layerNormGradient } from './kernels/layer-norm.js';
import { linear } from './kernels/linear.js';
import { padKernel } from './kernels/pad.js';
import { meanKernel, sumKernel } from './kernels/reduce.js';
import { castKernel, reshapeKernel } from './kernels/share.js';
import { sliceKernel } from './kernels/slice.js';
import { sparseMatMul } from './kernels/sparse-mat-mul.js';
import { tileKernel } from './kernels/tile.js';
import { transposeKernel } from './kernels/transpose.js';
import { negKernel, reluKernel, sqrtKernel, squareKernel, stepKernel } from './kernels/unary.js';
import { unsortedSegmentSumKernel } from './kernels/unsorted-segment-sum.js';
import { loadLibrary } from './native-library.js';
import { type TensorFlowContext, type TensorFlowKernel, tensorFlowKernelFunc } from './tensorflow-kernel.js';

const BACKEND = 'tensorflow';

const FUSED: FusedKernelTable<TensorFlowContext> = {
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

const KERNELS: readonly TensorFlowKernel[] = [
  ...listFusedKernels(FUSED),
  addKernel,
  batchMatMulKernel,
  castKernel,
  concatKernel,
  gatherKernel,
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

/** The kernels of tfjs-node that are replaced now; undefined for a fused kernel, which tfjs-node does not have. */
const replaced = new Map<string, KernelConfig | undefined>();

/**
 * Replaces tfjs-node's kernels with our native ones, which `sifaka-backend install` builds. A second call changes
 * nothing.
 *
 * @param file path of our kernels' library; undefined restores tfjs-node's own kernels.
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
