import { getKernel, type KernelConfig, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { adamwKernel, globalNormKernel } from './adamw.js';
import { attentionGradientKernel, attentionKernel } from './attention.js';
import { geluKernel } from './gelu.js';
import { layerNormGradientKernel, layerNormKernel } from './layer-norm.js';
import { batchMatMulKernel, linearKernel } from './product.js';
import { type TensorFlowKernel, tensorFlowKernelFunc } from './tensorflow-kernel.js';

const BACKEND = 'tensorflow';

const KERNELS: readonly TensorFlowKernel[] = [
  adamwKernel,
  attentionGradientKernel,
  attentionKernel,
  batchMatMulKernel,
  geluKernel,
  globalNormKernel,
  layerNormGradientKernel,
  layerNormKernel,
  linearKernel,
];

/** tfjs-node's own kernels that ours stand in for; undefined for names that TensorFlow.js does not have. */
const replaced = new Map<string, KernelConfig | undefined>();

/**
 * Makes the kernels that `sifaka-backend install` builds beside tfjs-node's binding known to libtensorflow, and to TensorFlow.js. They
 * compute on the CPU: on a GPU models compose TensorFlow's own.
 *
 * @param library `sifaka_kernels_1.node`; undefined takes the kernels back. Calling it again changes nothing.
 */
export function registerTensorFlowKernels(library: string | undefined): void {
  if (library !== undefined) process.dlopen({ exports: {} }, library);
  for (const kernel of KERNELS) {
    const { name } = kernel;
    if (library !== undefined && !replaced.has(name)) {
      const engine = getKernel(name, BACKEND);
      replaced.set(name, engine);
      if (engine !== undefined) unregisterKernel(name, BACKEND);
      const kernelFunc = tensorFlowKernelFunc(kernel, engine?.kernelFunc);
      registerKernel({ ...engine, kernelName: name, backendName: BACKEND, kernelFunc });
    } else if (library === undefined && replaced.has(name)) {
      const engine = replaced.get(name);
      replaced.delete(name);
      unregisterKernel(name, BACKEND);
      if (engine !== undefined) registerKernel(engine);
    }
  }
}
