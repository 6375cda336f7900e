import { linearSizes } from '../../fused-kernels/check-shapes.js';
import type { WasmFusedKernel } from '../wasm-kernel.js';
import { batchMatMul } from './batch-mat-mul.js';

export const linear: WasmFusedKernel<'Linear'> = ({ backend, inputs: { x, weight, bias } }) => {
  const { leading, rows, inner, width } = linearSizes('Linear on wasm', x, weight, bias);
  const flat = { dataId: x.dataId, shape: [rows, inner], dtype: x.dtype };
  return { ...batchMatMul(backend, flat, weight, false, false, bias), shape: [...leading, width] };
};
