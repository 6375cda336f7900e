import { getKernel, type KernelConfig, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { SPECIAL_CASES, withSpecialCase } from './kernels/special-cases.js';
import { expKernel, log1pKernel, sigmoidKernel } from './kernels/unary.js';
import { unsortedSegmentSumKernel } from './kernels/unsorted-segment-sum.js';

const KERNELS: readonly KernelConfig[] = [expKernel, log1pKernel, sigmoidKernel, unsortedSegmentSumKernel];

const registered = new WeakSet<KernelFunc>();

/** Replaces the kernels that the webgpu engine gets wrong. A second call changes nothing. */
export function registerWebGpuKernels(): void {
  for (const { kernelName, kernelFunc } of KERNELS) replace(kernelName, () => kernelFunc);
  for (const special of SPECIAL_CASES) replace(special.kernelName, (engine) => withSpecialCase(special, engine));
}

function replace(kernelName: string, make: (engine: KernelFunc) => KernelFunc): void {
  const engine = getKernel(kernelName, 'webgpu');
  if (engine === undefined || registered.has(engine.kernelFunc)) return;
  const kernelFunc = make(engine.kernelFunc);
  registered.add(kernelFunc);
  unregisterKernel(kernelName, 'webgpu');
  registerKernel({ ...engine, kernelFunc });
}
