import { linearSizes } from '../../fused-kernels/check-shapes.js';
import { product } from '../product.js';
import type { TensorFlowFusedKernel } from '../tensorflow-kernel.js';

export const linear: TensorFlowFusedKernel<'Linear'> = ({ memory, inputs: { x, weight, bias } }) => {
  const { leading, rows, inner, width } = linearSizes('Linear on tensorflow', x, weight, bias);
  return product(memory, { a: x, b: weight, bias, batch: 1, m: rows, n: width, k: inner, shape: [...leading, width] });
};
