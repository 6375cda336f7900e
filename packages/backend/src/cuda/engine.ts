import { engine, findBackend, registerBackend } from '@tensorflow/tfjs-core';
import { type Engine, USE_LESS_MEMORY } from '../engine.js';
import { EngineError } from '../engine-error.js';
import { explainStartFailure, firstLine } from '../explain-start-failure.js';
import { inNode } from '../in-node.js';
import { makeCurrent } from '../make-current.js';
import { CudaBackend } from './cuda-backend.js';
import { Device } from './device.js';
import { DEVICE_LOST } from './driver-error.js';
import { BACKEND, registerCudaKernels } from './register.js';

/** Priority of a backend that is registered but not current: TensorFlow.js must not choose it by itself. */
const PRIORITY = 0;

/** Our own kernels on an NVIDIA GPU, over NVIDIA's driver alone. */
export const cuda: Engine = {
  name: 'cuda',
  runtimeFailures: [
    { message: /CUDA_ERROR_OUT_OF_MEMORY/, reason: 'out of memory', help: USE_LESS_MEMORY },
    { message: DEVICE_LOST, reason: 'the GPU was lost', help: 'start the program again; npx @sifaka/backend doctor' },
  ],

  async start() {
    if (!inNode()) throw new EngineError('cuda', 'it runs in Node only', 'use webgpu in a browser');
    if (findBackend(BACKEND) === null) {
      const device = await Device.start();
      registerCudaKernels();
      registerBackend(BACKEND, () => new CudaBackend(device, engine()), PRIORITY);
    }
    await makeCurrent('cuda');
  },

  async report() {
    const { device } = findBackend(BACKEND) as CudaBackend;
    return {
      version: packageVersion(),
      nativeVersion: `CUDA ${device.driver.cudaVersion}`,
      device: `NVIDIA GPU (${device.name})`,
      threads: 0,
    };
  },

  explain(error) {
    const missing = /^Cannot find (?:package|module) '([^']+)'/.exec(firstLine(error))?.[1];
    if (missing === undefined) return explainStartFailure('cuda', error);
    return new EngineError('cuda', `the package ${missing} is not installed`, 'npm install koffi');
  },
};

/** Version of this package, which holds the kernels. */
function packageVersion(): string {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
