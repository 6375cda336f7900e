import { GatherV2, util } from '@tensorflow/tfjs-core';
import { gatherSizes } from '../../gather-sizes.js';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

/** `gather(x, indices, axis, batchDims)`. tfjs-node's own kernel reads all indices back and checks them one by one. */
export const gatherKernel: TensorFlowKernel = {
  name: GatherV2,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const [x, indices] = [inputs['x']!, inputs['indices']!];
    if (!memory.holds(x) || indices.dtype !== 'int32' || !memory.holds(indices)) return engineKernel();
    const { shape, batch, outer, axis, count, slice } = gatherSizes(x, indices, attrs);
    const width = slice * util.bytesPerElement(x.dtype);
    return runNative(memory, 'Gather', [x, indices], { shape, dtype: x.dtype }, [batch, outer, axis, count, width]);
  },
};
