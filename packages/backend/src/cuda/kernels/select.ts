import { Select, util } from '@tensorflow/tfjs-core';
import { type CudaKernel, runEach } from '../cuda-kernel.js';

/** `where(condition, t, e)`. A condition of fewer axes chooses whole slices. */
export const selectKernel: CudaKernel = {
  name: Select,
  run: ({ cuda, inputs }) => {
    const [condition, t, e] = [inputs['condition']!, inputs['t']!, inputs['e']!];
    const out = cuda.output(t.shape, t.dtype);
    const size = util.sizeFromShape(t.shape);
    const inner = size / Math.max(1, util.sizeFromShape(condition.shape));
    const pointers = [condition, t, e, out].map((each) => cuda.address(each));
    runEach(cuda, t.dtype === 'bool' ? 'select_1' : 'select_4', size, pointers, [inner]);
    return out;
  },
};
