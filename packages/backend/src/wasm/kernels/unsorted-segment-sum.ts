import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type TensorInfo, UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/**
 * Sums the rows of `x [...ids, ...inner]` that have the same id: `[numSegments, ...inner]`. The gradient of `gather`.
 */
function unsortedSegmentSum(
  backend: BackendWasm,
  x: TensorInfo,
  segmentIds: TensorInfo,
  numSegments: number,
): TensorInfo {
  const idShape = segmentIds.shape;
  if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32') {
    throw new Error(
      `UnsortedSegmentSum on wasm: expected float32 and int32 ids, got ${x.dtype} and ${segmentIds.dtype}`,
    );
  }
  if (!util.arraysEqual(x.shape.slice(0, idShape.length), idShape)) {
    throw new Error(`UnsortedSegmentSum on wasm: expected x to begin with [${idShape}], got [${x.shape}]`);
  }
  const inner = x.shape.slice(idShape.length);
  const out = backend.makeOutput([numSegments, ...inner], 'float32');
  kernelsOf(backend).exports.segmentSum(
    addressOf(backend, x),
    addressOf(backend, segmentIds),
    addressOf(backend, out),
    util.sizeFromShape(idShape),
    util.sizeFromShape(inner),
    numSegments,
  );
  return out;
}

export const unsortedSegmentSumKernel: WasmKernel = {
  name: UnsortedSegmentSum,
  run: ({ backend, inputs, attrs }) =>
    unsortedSegmentSum(backend, inputs['x']!, inputs['segmentIds']!, attrs['numSegments'] as number),
};
