import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { adamWInputs } from '../../fused-kernels/check-shapes.js';
import type { CudaBackend } from '../cuda-backend.js';
import type { CudaFusedKernel } from '../cuda-kernel.js';
import { reduceMiddle } from '../reduce.js';
import { unary } from './unary.js';

const CHUNK = 1024; // As in optimizer.cu.
const THREADS = 256;
const ROW_THREADS = 128; // As in block.h.
/** Sizes of the entries of optimizer.cu's lists. */
const WEIGHT_BYTES = 48;
const PART_BYTES = 16;

export const adamW: CudaFusedKernel<'AdamW'> = ({ cuda, inputs, attributes }) => {
  const { first, second, weights, gradients, sizes } = adamWInputs('AdamW on cuda', inputs);
  const { clip, beta1, beta2, epsilon, rates, decays } = attributes;
  const outputs = weights.map(({ shape }) => cuda.output(shape));
  let [block, offset] = [0, 0];
  const list = uploadList(cuda, weights.length, WEIGHT_BYTES, (i, write) => {
    for (const tensor of [weights[i]!, gradients[i]!, outputs[i]!]) write.address(cuda.address(tensor));
    for (const int of [block, sizes[i]!, offset]) write.int(int);
    for (const float of [rates[i]!, decays[i]!]) write.float(float);
    block += Math.ceil(sizes[i]! / CHUNK);
    offset += sizes[i]!;
  });
  cuda.run({
    kernel: 'adamw',
    grid: [block],
    threads: THREADS,
    pointers: [list, first, second].map((each) => cuda.address(each)),
    ints: [weights.length],
    floats: [clip, beta1, beta2, 1 - beta1, 1 - beta2, epsilon],
  });
  cuda.release(list);
  return outputs;
};

export const globalNorm: CudaFusedKernel<'GlobalNorm'> = ({ cuda, inputs }) => {
  const all = Object.values(inputs).filter(({ shape }) => util.sizeFromShape(shape) > 0);
  let block = 0;
  const list = uploadList(cuda, all.length, PART_BYTES, (i, write) => {
    const size = util.sizeFromShape(all[i]!.shape);
    write.address(cuda.address(all[i]!));
    for (const int of [block, size]) write.int(int);
    block += Math.ceil(size / CHUNK);
  });
  const squares = cuda.output([block]);
  const pointers = [cuda.address(list), cuda.address(squares)];
  cuda.run({ kernel: 'sum_of_squares', grid: [block], threads: ROW_THREADS, pointers, ints: [all.length, 0] });
  const total = reduceMiddle(cuda, 'sum', squares, { outer: 1, middle: block, inner: 1 }, []);
  const norm = unary(cuda, 'sqrt_float', total, 'float32');
  for (const each of [list, squares, total]) cuda.release(each);
  return norm;
};

/** Writes the fields of one entry of a list, one after the other. */
interface EntryWriter {
  address(value: number): void;
  int(value: number): void;
  float(value: number): void;
}

/** A list of C structs in device memory. The caller releases it. */
function uploadList(
  cuda: CudaBackend,
  count: number,
  bytes: number,
  entry: (i: number, write: EntryWriter) => void,
): TensorInfo {
  const words = new Int32Array((count * bytes) / 4);
  const view = new DataView(words.buffer);
  let at = 0;
  const write: EntryWriter = {
    address(value) {
      view.setUint32(at, value % 2 ** 32, true);
      view.setUint32(at + 4, value / 2 ** 32, true);
      at += 8;
    },
    int(value) {
      view.setInt32(at, value, true);
      at += 4;
    },
    float(value) {
      view.setFloat32(at, value, true);
      at += 4;
    },
  };
  for (let i = 0; i < count; i++) {
    at = i * bytes;
    entry(i, write);
  }
  return { dataId: cuda.write(words, [words.length], 'int32'), shape: [words.length], dtype: 'int32' };
}
