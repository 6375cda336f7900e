import { Neg, Relu, Sqrt, Square, Step, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

// float32 only; other types go to libtensorflow. The numbers are those of `UnaryFunction` in native/elementwise.cc.

export const squareKernel: TensorFlowKernel = unary(Square, 0);
export const negKernel: TensorFlowKernel = unary(Neg, 1);
export const sqrtKernel: TensorFlowKernel = unary(Sqrt, 2);
export const reluKernel: TensorFlowKernel = unary(Relu, 5);
export const stepKernel: TensorFlowKernel = unary(Step, 6);

function unary(name: string, operation: number): TensorFlowKernel {
  return {
    name,
    run: ({ memory, inputs, attrs, engineKernel }) => {
      const x = inputs['x']!;
      if (x.dtype !== 'float32') return engineKernel();
      const alpha = (attrs['alpha'] as number | undefined) ?? 0;
      return runNative(memory, 'Unary', [x], x, [operation, util.sizeFromShape(x.shape), alpha]);
    },
  };
}
