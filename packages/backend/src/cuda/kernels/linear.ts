import { util } from '@tensorflow/tfjs-core';
import { linearSizes, sparseSizes } from '../../fused-kernels/check-shapes.js';
import { type CudaFusedKernel, runEach } from '../cuda-kernel.js';
import { product } from '../product.js';

export const linear: CudaFusedKernel<'Linear'> = ({ cuda, inputs: { x, weight, bias } }) => {
  const { leading, rows, inner, width } = linearSizes('Linear on cuda', x, weight, bias);
  const one = { batch: 0, head: 0, column: 1 };
  const [left, right] = [
    { tensor: x, row: inner, ...one },
    { tensor: weight, row: width, ...one },
  ];
  const sizes = { batch: 1, heads: 1, m: rows, n: width, k: inner };
  return product(cuda, { x: left, y: right, bias, ...sizes }, [...leading, width]);
};

export const sparseMatMul: CudaFusedKernel<'SparseMatMul'> = ({ cuda, inputs }) => {
  const { starts, columns, values, x, plus } = inputs;
  const { rows, width } = sparseSizes('SparseMatMul on cuda', inputs);
  const out = cuda.output([rows, width]);
  const address = (each: typeof plus) => (each === undefined ? 0 : cuda.address(each));
  const pointers = [starts, columns, values, x, plus, out].map(address);
  runEach(cuda, 'sparse_product', util.sizeFromShape(out.shape), pointers, [width]);
  return out;
};
