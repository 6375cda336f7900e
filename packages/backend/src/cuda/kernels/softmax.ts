import { Softmax, util } from '@tensorflow/tfjs-core';
import { type CudaKernel, refuseTypes } from '../cuda-kernel.js';

const THREADS = 128; // As in block.h.

/** Of the last axis: TensorFlow.js asks for no other, and composes the logarithm's. */
export const softmaxKernel: CudaKernel = {
  name: Softmax,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['logits']!;
    if (x.dtype !== 'float32') refuseTypes(Softmax, x.dtype);
    const axis = attrs['dim'] as number;
    if (axis !== -1 && axis !== x.shape.length - 1) {
      throw new Error(`Softmax on cuda: expected the last axis of [${x.shape}], got ${axis}`);
    }
    const width = x.shape.at(-1) ?? 1;
    const out = cuda.output(x.shape);
    const rows = util.sizeFromShape(x.shape) / Math.max(1, width);
    const pointers = [cuda.address(x), cuda.address(out)];
    cuda.run({ kernel: 'softmax', grid: [rows], threads: THREADS, pointers, ints: [width] });
    return out;
  },
};
