import { removeBackend } from '@tensorflow/tfjs-core';
import { type Engine, USE_LESS_MEMORY } from '../engine.js';
import { ENGINES } from '../engine-descriptions.js';
import { EngineError } from '../engine-error.js';
import { explainStartFailure, firstLine } from '../explain-start-failure.js';
import { checkOneKernel, makeCurrent } from '../make-current.js';
import { explainLoadFailure } from './explain-load-failure.js';
import { findKernelsLibrary } from './kernels-library.js';
import { loadPackage, packageVersion, type TensorFlowEngine } from './load-package.js';
import { explainMissingGpu } from './missing-gpu.js';
import { registerTensorFlowKernels } from './register.js';
import { describeRunningBackend, usesGpu } from './running-backend.js';

/** Native TensorFlow on the CPU, by `@tensorflow/tfjs-node`. */
export const tensorflow: Engine = tensorFlowEngine('tensorflow');

/** Native TensorFlow on an NVIDIA GPU, by `@tensorflow/tfjs-node-gpu`. */
export const tensorflowGpu: Engine = tensorFlowEngine('tensorflow-gpu');

function tensorFlowEngine(name: TensorFlowEngine): Engine {
  return {
    name,
    runtimeFailures: [
      {
        message: /OOM when allocating|RESOURCE_EXHAUSTED|Invalid TF_Status: 8\b/,
        reason: 'out of memory',
        help: USE_LESS_MEMORY,
      },
      {
        message: /CUDA_ERROR|cudaError|CUDNN_STATUS|failed to (launch|synchronize|enqueue)/i,
        reason: 'the GPU failed',
        help: 'nvidia-smi; npx @sifaka/backend doctor',
      },
    ],

    async start() {
      await loadPackage(name).catch((error: unknown) => {
        throw explainLoad(name, error);
      });
      try {
        await makeCurrent(name);
        // Our kernels compute on the CPU: on a GPU, models compose TensorFlow's own operations.
        registerTensorFlowKernels(usesGpu() ? undefined : findKernelsLibrary(name));
        checkOneKernel();
        if (name === 'tensorflow-gpu' && !usesGpu()) throw explainMissingGpu();
      } catch (error) {
        // Both packages register a backend of the same name: one that failed must not hide the other.
        removeBackend(ENGINES[name].backendName);
        throw error;
      }
    },

    async report() {
      return { version: await packageVersion(name), ...describeRunningBackend() };
    },

    explain(error) {
      return explainStartFailure(name, error);
    },
  };
}

function explainLoad(name: TensorFlowEngine, error: unknown): EngineError {
  if (EngineError.isInstance(error)) return error;
  const { reason, command } = explainLoadFailure(name, firstLine(error));
  return new EngineError(name, reason, command);
}
