import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { adamwKernel, globalNormKernel } from './adamw.js';
import { attentionGradientKernel, attentionKernel } from './attention.js';
import { geluKernel } from './gelu.js';
import { layerNormGradientKernel, layerNormKernel } from './layer-norm.js';
import { type TensorFlowKernel, tensorFlowKernelFunc } from './tensorflow-kernel.js';

const KERNELS: readonly TensorFlowKernel[] = [
  adamwKernel,
  attentionGradientKernel,
  attentionKernel,
  geluKernel,
  globalNormKernel,
  layerNormGradientKernel,
  layerNormKernel,
];

/**
 * Makes the kernels that `sifaka-backend install` builds beside tfjs-node's binding known to libtensorflow, and to TensorFlow.js. They
 * compute on the CPU: on a GPU models compose TensorFlow's own.
 *
 * @param library `sifaka_kernels.node`; undefined takes the kernels back. Calling it again changes nothing.
 */
export function registerTensorFlowKernels(library: string | undefined): void {
  if (library !== undefined) process.dlopen({ exports: {} }, library);
  for (const kernel of KERNELS) {
    const registered = getKernel(kernel.name, 'tensorflow') !== undefined;
    if (library === undefined && registered) unregisterKernel(kernel.name, 'tensorflow');
    if (library !== undefined && !registered) {
      registerKernel({ kernelName: kernel.name, backendName: 'tensorflow', kernelFunc: tensorFlowKernelFunc(kernel) });
    }
  }
}
