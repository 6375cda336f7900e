import { sparseSizes } from '../../fused-kernels/check-shapes.js';
import { runNative, type TensorFlowFusedKernel } from '../tensorflow-kernel.js';

export const sparseMatMul: TensorFlowFusedKernel<'SparseMatMul'> = ({ memory, inputs }) => {
  const { starts, columns, values, x, plus } = inputs;
  const { rows, entries, width } = sparseSizes('SparseMatMul on tensorflow', inputs);
  const all = [starts, columns, values, x, plus];
  return runNative(memory, 'SparseProduct', all, { shape: [rows, width] }, [rows, entries, width]);
};
