import { getKernel, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { batchMatMulKernel } from './batch-mat-mul.js';
import { fusedMatMulKernel } from './fused-mat-mul.js';
import { gatherKernel } from './gather.js';
import { geluGradientKernel, geluKernel } from './gelu.js';
import { compileKernels } from './kernels-module.js';
import { meanKernel, sumKernel } from './reduce.js';
import { selectKernel } from './select.js';
import { castKernel, identityKernel } from './share.js';
import { sliceKernel } from './slice.js';
import { softmaxKernel } from './softmax.js';
import { tileKernel } from './tile.js';
import { transposeKernel } from './transpose.js';
import { erfKernel, expKernel, tanhKernel } from './unary.js';
import { unsortedSegmentSumKernel } from './unsorted-segment-sum.js';
import { kernelFunc, type WasmKernel } from './wasm-kernel.js';

const KERNELS: readonly WasmKernel[] = [
  batchMatMulKernel,
  castKernel,
  erfKernel,
  expKernel,
  fusedMatMulKernel,
  gatherKernel,
  geluGradientKernel,
  geluKernel,
  identityKernel,
  meanKernel,
  selectKernel,
  sliceKernel,
  softmaxKernel,
  sumKernel,
  tanhKernel,
  tileKernel,
  transposeKernel,
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
