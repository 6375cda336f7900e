import { Slice, slice_util, type Tensor } from '@tensorflow/tfjs-core';
import { cutOut } from '../../copy-block.js';
import { copy } from '../copy.js';
import type { TensorFlowKernel } from '../tensorflow-kernel.js';

export const sliceKernel: TensorFlowKernel = {
  name: Slice,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (!memory.holds(x)) return engineKernel();
    // Both functions read only the shape of their argument, so a TensorInfo is enough.
    const given = x as Tensor;
    const [begin, sizes] = slice_util.parseSliceParams(given, attrs['begin'] as number[], attrs['size'] as number[]);
    slice_util.assertParamsValid(given, begin!, sizes!);
    return copy(memory, [x], sizes!, [cutOut(x.shape, begin!, sizes!)]);
  },
};
