import { LogSoftmax, Softmax, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type CudaCall, type CudaKernel, refuseTypes } from '../cuda-kernel.js';

const THREADS = 128; // As in softmax.cu.

export const softmaxKernel: CudaKernel = {
  name: Softmax,
  run: (call) => softmax(call, 'softmax', call.inputs['logits']!, call.attrs['dim'] as number),
};

export const logSoftmaxKernel: CudaKernel = {
  name: LogSoftmax,
  run: (call) => softmax(call, 'log_softmax', call.inputs['logits']!, call.attrs['axis'] as number),
};

function softmax({ cuda }: CudaCall, kernel: 'softmax' | 'log_softmax', x: TensorInfo, axis: number): TensorInfo {
  const name = kernel === 'softmax' ? Softmax : LogSoftmax;
  if (x.dtype !== 'float32') refuseTypes(name, x.dtype);
  const width = x.shape.at(-1) ?? 1;
  if (axis !== -1 && axis !== x.shape.length - 1) {
    throw new Error(`${name} on cuda: expected the last axis of [${x.shape}], got ${axis}`);
  }
  const out = cuda.output(x.shape);
  const rows = util.sizeFromShape(x.shape) / Math.max(1, width);
  const pointers = [cuda.address(x), cuda.address(out)];
  cuda.run({ kernel, grid: [rows], threads: THREADS, pointers, ints: [width] });
  return out;
}
