import { Cast, type DataType, Reshape, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

// The same values in another shape or type. A new shape costs no computation.

export const reshapeKernel: TensorFlowKernel = {
  name: Reshape,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    if (!memory.holds(x)) return engineKernel();
    return memory.reshape(x, util.inferFromImplicitShape(attrs['shape'] as number[], util.sizeFromShape(x.shape)));
  },
};

/** Casts to float32. Other casts that change the type go to libtensorflow. */
export const castKernel: TensorFlowKernel = {
  name: Cast,
  run: ({ memory, inputs, attrs, engineKernel }) => {
    const x = inputs['x']!;
    const dtype = attrs['dtype'] as DataType;
    if (!memory.holds(x)) return engineKernel();
    if (x.dtype === dtype) return memory.share(x);
    if (dtype !== 'float32') return engineKernel();
    const from = x.dtype === 'int32' ? FROM_INTEGER : FROM_BOOLEAN;
    return runNative(memory, 'Unary', [x], { shape: x.shape }, [from, util.sizeFromShape(x.shape)]);
  },
};

// Numbers of `UnaryFunction` in native/elementwise.cc.
const FROM_INTEGER = 3;
const FROM_BOOLEAN = 4;
