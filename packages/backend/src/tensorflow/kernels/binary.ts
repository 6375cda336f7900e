import { Add, backend_util, Multiply, Neg, RealDiv, Relu, Sqrt, Square, Step, Sub, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

// float32; other types go to libtensorflow. The numbers are those of native/elementwise.cc.

export const addKernel: TensorFlowKernel = binary(Add, 0);
export const subKernel: TensorFlowKernel = binary(Sub, 1);
export const multiplyKernel: TensorFlowKernel = binary(Multiply, 2);
export const realDivKernel: TensorFlowKernel = binary(RealDiv, 3);

export const squareKernel: TensorFlowKernel = unary(Square, 0);
export const negKernel: TensorFlowKernel = unary(Neg, 1);
export const sqrtKernel: TensorFlowKernel = unary(Sqrt, 2);
export const reluKernel: TensorFlowKernel = unary(Relu, 5);
export const stepKernel: TensorFlowKernel = unary(Step, 6);

function binary(name: string, operation: number): TensorFlowKernel {
  return {
    name,
    run: ({ memory, inputs, engineKernel }) => {
      const [a, b] = [inputs['a']!, inputs['b']!];
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return engineKernel();
      const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
      const axes = commonAxes(a.shape, b.shape, shape);
      const strides = [stridesOf(axes.map(([size]) => size)), stridesOf(axes.map(([, size]) => size))];
      const numbers = [operation, util.sizeFromShape(shape), axes.length]
        .concat(axes.map(([one, other]) => (one === 1 ? other : one)))
        .concat(...strides);
      return runNative(memory, 'Binary', [a, b], { shape }, numbers);
    },
  };
}

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

/** Sizes of both operands along as few axes as will do, at least one: neighbours along which both run, or one of them broadcasts, are one. */
function commonAxes(a: readonly number[], b: readonly number[], out: readonly number[]): [number, number][] {
  const axes: [number, number][] = [];
  for (const axis of out.keys()) {
    if (out[axis] === 1) continue;
    const sizes: [number, number] = [a[axis - out.length + a.length] ?? 1, b[axis - out.length + b.length] ?? 1];
    const last = axes.at(-1);
    if (last !== undefined && (last[0] === 1) === (sizes[0] === 1) && (last[1] === 1) === (sizes[1] === 1)) {
      last[0] *= sizes[0];
      last[1] *= sizes[1];
    } else {
      axes.push(sizes);
    }
  }
  return axes.length === 0 ? [[1, 1]] : axes;
}

/** Elements from one position of each axis to the next; 0 along axes of size 1. */
function stridesOf(sizes: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...sizes].reverse()) {
    strides.unshift(size === 1 ? 0 : stride);
    stride *= size;
  }
  return strides;
}
