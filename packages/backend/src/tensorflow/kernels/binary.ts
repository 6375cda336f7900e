import { Add, backend_util, Multiply, RealDiv, Sub, util } from '@tensorflow/tfjs-core';
import { runNative, type TensorFlowKernel } from '../tensorflow-kernel.js';

// float32 only; other types go to libtensorflow. The numbers are those of `BinaryFunction` in native/elementwise.cc.

export const addKernel: TensorFlowKernel = binary(Add, 0);
export const subKernel: TensorFlowKernel = binary(Sub, 1);
export const multiplyKernel: TensorFlowKernel = binary(Multiply, 2);
export const realDivKernel: TensorFlowKernel = binary(RealDiv, 3);

function binary(name: string, operation: number): TensorFlowKernel {
  return {
    name,
    run: ({ memory, inputs, engineKernel }) => {
      const [a, b] = [inputs['a']!, inputs['b']!];
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return engineKernel();
      const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
      const axes = commonAxes(a.shape, b.shape, shape);
      const strides = [broadcastStrides(axes.map(([size]) => size)), broadcastStrides(axes.map(([, size]) => size))];
      const numbers = [operation, util.sizeFromShape(shape), axes.length]
        .concat(axes.map(([one, other]) => (one === 1 ? other : one)))
        .concat(...strides);
      return runNative(memory, 'Binary', [a, b], { shape }, numbers);
    },
  };
}

/**
 * Sizes of both operands along as few axes as possible, at least one: neighbouring axes that broadcast alike are
 * merged.
 */
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

/** Strides in elements; 0 along axes of size 1, which broadcast. */
function broadcastStrides(sizes: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...sizes].reverse()) {
    strides.unshift(size === 1 ? 0 : stride);
    stride *= size;
  }
  return strides;
}
