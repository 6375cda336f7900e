import { backend_util, type DataType, type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WebGpuBackend } from '../webgpu-backend.js';

type Attributes = Readonly<Record<string, unknown>>;

/** Inputs that the engine's kernel gets wrong, and a replacement for them. */
export interface SpecialCase {
  readonly kernelName: string;
  applies(input: TensorInfo, attrs: Attributes): boolean;
  run(input: TensorInfo, attrs: Attributes, backend: WebGpuBackend): TensorInfo | TensorInfo[];
}

/** Wraps an engine's kernel so that it leaves the special case to `run`. */
export function withSpecialCase({ applies, run }: SpecialCase, engineKernel: KernelFunc): KernelFunc {
  return (params) => {
    const input = params.inputs['x'] ?? params.inputs['logits'];
    const attrs = (params.attrs ?? {}) as unknown as Attributes;
    if (input === undefined || !applies(input, attrs)) return engineKernel(params);
    return run(input, attrs, params.backend as WebGpuBackend);
  };
}

export const SPECIAL_CASES: readonly SpecialCase[] = [
  emptyReduction('Sum', 0),
  emptyReduction('Prod', 1),
  emptyReduction('Mean', Number.NaN),
  emptyReduction('Max', Number.NEGATIVE_INFINITY),
  emptyReduction('Min', Number.POSITIVE_INFINITY),
  { kernelName: 'Softmax', applies: isEmpty, run: ({ shape }, _, backend) => filled(backend, shape, 'float32', 0) },
  {
    // The engine divides by zero for an empty input, changes its input's shape for k = 0, and for rows of one
    // entry returns its input without counting the new reference.
    kernelName: 'TopK',
    applies: (input, { k }) => isEmpty(input) || k === 0 || input.shape.at(-1) === 1,
    run: ({ dataId, shape, dtype }, { k }, backend) => {
      const best = [...shape.slice(0, -1), k as number];
      const indices = filled(backend, best, 'int32', 0);
      if (best.includes(0)) return [filled(backend, best, dtype, 0), indices];
      backend.incRef(dataId);
      return [{ dataId, shape, dtype }, indices];
    },
  },
];

function isEmpty({ shape }: TensorInfo): boolean {
  return shape.includes(0);
}

/** The engine divides by the size of the reduced axes. */
function emptyReduction(kernelName: string, start: number): SpecialCase {
  return {
    kernelName,
    applies: isEmpty,
    run: ({ shape, dtype }, { axis, reductionIndices, keepDims }, backend) => {
      // `Max` calls it reductionIndices.
      const axes = util.parseAxisParam((reductionIndices ?? axis) as number | number[], shape);
      const [out] = backend_util.computeOutAndReduceShapes(shape, axes);
      const result = keepDims === true ? backend_util.expandShapeToKeepDim(out, axes) : out;
      return filled(backend, result, kernelName === 'Mean' || dtype === 'float32' ? 'float32' : 'int32', start);
    },
  };
}

function filled(backend: WebGpuBackend, shape: readonly number[], dtype: DataType, value: number): TensorInfo {
  const values = util.getTypedArrayFromDType(dtype as 'float32', util.sizeFromShape([...shape])).fill(value);
  return backend.makeTensorInfo(shape, dtype, values);
}
