import { Cast, type DataType, Identity, Reshape, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { CudaBackend } from '../cuda-backend.js';
import { type CudaKernel, refuseTypes, runEach } from '../cuda-kernel.js';

const NAMES: Readonly<Record<string, string>> = { float32: 'float', int32: 'int', bool: 'bool' };

/** The same values in another type; the same memory if it is the same type. The caller releases the result. */
export function cast(cuda: CudaBackend, x: TensorInfo, dtype: DataType): TensorInfo {
  if (x.dtype === dtype) return cuda.share(x);
  const [from, to] = [NAMES[x.dtype], NAMES[dtype]];
  if (from === undefined || to === undefined) refuseTypes(Cast, x.dtype, dtype);
  const out = cuda.output(x.shape, dtype);
  const size = util.sizeFromShape(x.shape);
  runEach(cuda, `cast_${from}_${to}`, size, [cuda.address(x), cuda.address(out)], [], [0, 0]);
  return out;
}

export const castKernel: CudaKernel = {
  name: Cast,
  run: ({ cuda, inputs: { x }, attrs }) => cast(cuda, x!, attrs['dtype'] as DataType),
};

export const identityKernel: CudaKernel = {
  name: Identity,
  run: ({ cuda, inputs: { x } }) => cuda.share(x!),
};

export const reshapeKernel: CudaKernel = {
  name: Reshape,
  run: ({ cuda, inputs, attrs }) => {
    const x = inputs['x']!;
    const size = util.sizeFromShape(x.shape);
    const shape = util.inferFromImplicitShape(attrs['shape'] as number[], size);
    if (util.sizeFromShape(shape) !== size) {
      throw new Error(`Reshape on cuda: expected a shape of ${size} values, got [${shape}] for [${x.shape}]`);
    }
    return cuda.share(x, shape);
  },
};
