import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { expectShape, layerNormRows } from '../../fused-kernels/check-shapes.js';
import { type CudaFusedKernel, runEach } from '../cuda-kernel.js';
import { reduceMiddle } from '../reduce.js';

const THREADS = 128; // As in block.h.
/** Rows that one thread of the column sums adds. */
const CHUNK = 32;

export const layerNorm: CudaFusedKernel<'LayerNorm'> = ({ cuda, inputs: { x, scale, shift }, attributes }) => {
  const { rows, width } = layerNormRows('LayerNorm on cuda', x, { scale, shift });
  const out = cuda.output(x.shape);
  const pointers = [x, scale, shift, out].map((each) => cuda.address(each));
  const floats = [attributes.epsilon];
  cuda.run({ kernel: 'layer_norm', grid: [rows], threads: THREADS, pointers, ints: [width], floats });
  return out;
};

export const layerNormGradient: CudaFusedKernel<'LayerNormGradient'> = ({ cuda, inputs, attributes }) => {
  const { x, scale, dy } = inputs;
  const { rows, width } = layerNormRows('LayerNormGradient on cuda', x, { scale });
  expectShape('LayerNormGradient on cuda', 'dy', dy, x.shape);
  const dx = cuda.output(x.shape);
  const statistics = cuda.output([rows, 2]);
  cuda.run({
    kernel: 'layer_norm_gradient',
    grid: [rows],
    threads: THREADS,
    pointers: [x, scale, dy, dx, statistics].map((each) => cuda.address(each)),
    ints: [width],
    floats: [attributes.epsilon],
  });
  const chunks = Math.ceil(rows / CHUNK);
  const partial = [cuda.output([chunks, width]), cuda.output([chunks, width])];
  const pointers = [x, dy, statistics, ...partial].map((each) => cuda.address(each));
  runEach(cuda, 'layer_norm_columns', chunks * width, pointers, [rows, width, CHUNK]);
  const [dScale, dShift] = partial.map((each) =>
    reduceMiddle(cuda, 'sum', each, { outer: 1, middle: chunks, inner: width }, [width]),
  ) as [TensorInfo, TensorInfo];
  for (const each of [statistics, ...partial]) cuda.release(each);
  return [dx, dScale, dShift];
};

export const gelu: CudaFusedKernel<'Gelu'> = ({ cuda, inputs: { x }, attributes }) => {
  const out = cuda.output(x.shape);
  const slope = attributes.slope === 1 ? cuda.output(x.shape) : undefined;
  const pointers = [cuda.address(x), cuda.address(out), slope === undefined ? 0 : cuda.address(slope)];
  runEach(cuda, 'gelu', util.sizeFromShape(x.shape), pointers);
  return slope === undefined ? out : [out, slope];
};
