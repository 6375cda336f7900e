import { sparseSizes } from '../../fused-kernels/check-shapes.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmFusedKernel } from '../wasm-kernel.js';

/** Rows that a thread takes at once, at least. */
const GRAIN = 16;

export const sparseMatMul: WasmFusedKernel<'SparseMatMul'> = ({ backend, inputs }) => {
  const { starts, columns, values, x, plus } = inputs;
  const { rows, entries, width } = sparseSizes('SparseMatMul on wasm', inputs);
  const out = backend.makeOutput([rows, width], 'float32');
  kernelsOf(backend).parallelRows('sparseProduct', rows, GRAIN, 2 * entries * width, [
    addressOf(backend, starts),
    addressOf(backend, columns),
    addressOf(backend, values),
    addressOf(backend, x),
    plus === undefined ? 0 : addressOf(backend, plus),
    addressOf(backend, out),
    width,
  ]);
  return out;
};
