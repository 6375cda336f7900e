import { type TensorInfo, Transpose } from '@tensorflow/tfjs-core';
import { joinAxes } from '../../copy-block.js';
import { planTranspose } from '../../copy-plans.js';
import { copy } from '../copy.js';
import type { CudaBackend } from '../cuda-backend.js';
import type { CudaKernel } from '../cuda-kernel.js';

const TILE = 32; // As in copy.cu.
/** Blocks that CUDA allows along y or z. */
const MOST_BLOCKS_YZ = 65_535;

/** The axes of `x` in another order. The caller releases the result. */
export function transpose(cuda: CudaBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const plan = planTranspose(x, perm);
  if (plan === undefined) return cuda.share(x);
  return transposeMatrices(cuda, x, plan.shape, joinAxes(plan.blocks[0]!)) ?? copy(cuda, [x], plan);
}

/** Swaps the last two of at most three joined axes, by tiles; undefined for other orders. */
function transposeMatrices(
  cuda: CudaBackend,
  x: TensorInfo,
  shape: number[],
  { sizes, fromStrides }: { readonly sizes: readonly number[]; readonly fromStrides: readonly number[] },
): TensorInfo | undefined {
  const [columns, rows] = sizes.slice(-2) as [number, number];
  const batch = sizes.length === 3 ? sizes[0]! : 1;
  const [columnStride, rowStride] = fromStrides.slice(-2);
  const swapped = columnStride === 1 && rowStride === columns && (batch === 1 || fromStrides[0] === rows * columns);
  const tooLarge = batch > MOST_BLOCKS_YZ || rows > TILE * MOST_BLOCKS_YZ;
  if (x.dtype === 'bool' || sizes.length < 2 || sizes.length > 3 || !swapped || tooLarge) return undefined;
  const out = cuda.output(shape, x.dtype);
  cuda.run({
    kernel: 'transpose_4',
    grid: [Math.ceil(columns / TILE), Math.ceil(rows / TILE), batch],
    threads: 256,
    pointers: [cuda.address(x), cuda.address(out)],
    ints: [rows, columns],
  });
  return out;
}

export const transposeKernel: CudaKernel = {
  name: Transpose,
  run: ({ cuda, inputs: { x }, attrs }) => transpose(cuda, x!, attrs['perm'] as number[]),
};
