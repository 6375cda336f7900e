import {
  type DataType,
  Fill,
  LinSpace,
  OneHot,
  OnesLike,
  Range,
  type TensorInfo,
  util,
  ZerosLike,
} from '@tensorflow/tfjs-core';
import type { CudaBackend } from '../cuda-backend.js';
import { type CudaKernel, refuseTypes, runEach } from '../cuda-kernel.js';
import { cast } from './cast.js';

/** A tensor of one value. */
export function fill(cuda: CudaBackend, shape: number[], value: number, dtype: DataType): TensorInfo {
  const out = cuda.output(shape, dtype);
  fillAt(cuda, cuda.address(out), util.sizeFromShape(shape), value, dtype);
  return out;
}

/** Sets `count` values at an address. */
export function fillAt(cuda: CudaBackend, address: number, count: number, value: number, dtype: DataType): void {
  if (count === 0) return;
  const { driver, stream } = cuda.device;
  const asked = `filling ${count} values`;
  if (dtype === 'bool') driver.call('cuMemsetD8Async', asked, address, value ? 1 : 0, count, stream);
  else driver.call('cuMemsetD32Async', asked, address, bitsOf(value, dtype), count, stream);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function bitsOf(value: number, dtype: DataType): number {
  if (dtype === 'int32') return value >>> 0;
  float[0] = value;
  return bits[0]!;
}

export const fillKernel: CudaKernel = {
  name: Fill,
  run: ({ cuda, attrs }) => {
    const value = attrs['value'] as number;
    const dtype = (attrs['dtype'] as DataType | undefined) ?? util.inferDtype(value);
    if (dtype === 'string') refuseTypes(Fill, dtype);
    return fill(cuda, attrs['shape'] as number[], value, dtype);
  },
};

export const zerosLikeKernel: CudaKernel = {
  name: ZerosLike,
  run: ({ cuda, inputs: { x } }) => fill(cuda, x!.shape, 0, x!.dtype),
};

export const onesLikeKernel: CudaKernel = {
  name: OnesLike,
  run: ({ cuda, inputs: { x } }) => fill(cuda, x!.shape, 1, x!.dtype),
};

export const rangeKernel: CudaKernel = {
  name: Range,
  run: ({ cuda, attrs }) => {
    const [start, stop, step] = [attrs['start'], attrs['stop'], attrs['step']] as [number, number, number];
    const dtype = attrs['dtype'] as DataType;
    const count = start === stop || start < stop !== step > 0 ? 0 : Math.ceil(Math.abs((stop - start) / step));
    return range(cuda, count, start, step, dtype);
  },
};

export const linSpaceKernel: CudaKernel = {
  name: LinSpace,
  run: ({ cuda, attrs }) => {
    const [start, stop, count] = [attrs['start'], attrs['stop'], attrs['num']] as [number, number, number];
    return range(cuda, count, start, (stop - start) / Math.max(1, count - 1), 'float32');
  },
};

function range(cuda: CudaBackend, count: number, start: number, step: number, dtype: DataType): TensorInfo {
  const out = cuda.output([count], dtype);
  if (dtype === 'int32') runEach(cuda, 'range_int', count, [cuda.address(out)], [start, step, 0]);
  else runEach(cuda, 'range_float', count, [cuda.address(out)], [], [start, step, 0]);
  return out;
}

export const oneHotKernel: CudaKernel = {
  name: OneHot,
  run: ({ cuda, inputs, attrs }) => {
    const indices = inputs['indices']!;
    const { depth, onValue, offValue } = attrs as { depth: number; onValue: number; offValue: number };
    const dtype = (attrs['dtype'] as DataType | undefined) ?? 'float32';
    if (dtype !== 'float32' && dtype !== 'int32') refuseTypes(OneHot, dtype);
    const out = cuda.output([...indices.shape, depth]);
    const size = util.sizeFromShape(out.shape);
    runEach(cuda, 'one_hot', size, [cuda.address(indices), cuda.address(out)], [depth], [onValue, offValue]);
    if (dtype === 'float32') return out;
    const whole = cast(cuda, out, dtype);
    cuda.release(out);
    return whole;
  },
};
