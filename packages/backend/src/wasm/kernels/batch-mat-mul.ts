import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { BatchMatMul, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/** Rows for one thread, if there is a choice: with fewer, a thread uses its packed block of B too rarely. */
const FEW_ROWS = 96;

/**
 * `op(A) op(B) + bias` over the last two axes; the leading ones broadcast. `A [..., M, K]` and `B [..., K, N]`, each
 * stored transposed if its flag is set; `bias [N]` is optional.
 */
export function batchMatMul(
  backend: BackendWasm,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  bias?: TensorInfo,
): TensorInfo {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') {
    throw new Error(`BatchMatMul on wasm: expected two float32 tensors, got ${a.dtype} and ${b.dtype}`);
  }
  const [aBatch, aRows, aColumns] = matrices(a.shape);
  const [bBatch, bRows, bColumns] = matrices(b.shape);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [bK, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== bK) {
    const flags = `transposeA=${transposeA}, transposeB=${transposeB}`;
    throw new Error(`BatchMatMul on wasm: expected equal inner axes, got [${a.shape}] and [${b.shape}] (${flags})`);
  }
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== n)) {
    throw new Error(`_FusedMatMul on wasm: expected a bias of shape [${n}], got [${bias.shape}]`);
  }
  const batchShape = broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const out = backend.makeOutput([...batchShape, m, n], 'float32');
  const batch = util.sizeFromShape(batchShape);
  if (batch * m * n === 0) return out;

  const { exports, scratch, threads, parallelRows } = kernelsOf(backend);
  const [aBytes, bBytes, cBytes] = [4 * m * k, 4 * k * n, 4 * m * n];
  const flags = [Number(transposeA), Number(transposeB)] as const;
  const biasAddress = bias === undefined ? 0 : addressOf(backend, bias);
  const [aAddress, bAddress, cAddress] = [addressOf(backend, a), addressOf(backend, b), addressOf(backend, out)];
  const aCount = util.sizeFromShape(aBatch);
  const bCount = util.sizeFromShape(bBatch);
  if (bCount === 1 && !transposeA && aCount === batch) {
    // One matrix B for all: the products are the rows of a single tall product.
    const rows = batch * m;
    const given = [aAddress, bAddress, cAddress, 0, 0, rows, n, k, ...flags, biasAddress];
    parallelRows('product', rows, grainOf(1, rows, threads), 2 * rows * n * k, given);
  } else if ((aCount === batch || aCount === 1) && (bCount === batch || bCount === 1)) {
    const strides = [aCount === 1 ? 0 : aBytes, bCount === 1 ? 0 : bBytes] as const;
    const given = [aAddress, bAddress, cAddress, ...strides, m, n, k, ...flags, biasAddress];
    parallelRows('product', batch * m, grainOf(batch, m, threads), 2 * batch * m * n * k, given);
  } else {
    const aOf = broadcastIndex(aBatch, batchShape);
    const bOf = broadcastIndex(bBatch, batchShape);
    for (let i = 0; i < batch; i++) {
      const [aOne, bOne] = [aAddress + aOf(i) * aBytes, bAddress + bOf(i) * bBytes];
      exports.product(aOne, bOne, cAddress + i * cBytes, 0, 0, m, n, k, ...flags, biasAddress, 0, m, scratch);
    }
  }
  return out;
}

/** Rows that a thread computes at a time. Small matrices of a stack are not cut, because each part packs B again. */
function grainOf(batch: number, m: number, threads: number): number {
  if (batch > 1 && m <= FEW_ROWS) return m;
  return Math.min(FEW_ROWS, Math.ceil((batch * m) / threads));
}

/** Leading axes, rows and columns. */
function matrices(shape: readonly number[]): [number[], number, number] {
  return [shape.slice(0, -2), shape.at(-2)!, shape.at(-1)!];
}

/** Maps the flat index of a matrix in the broadcast stack `to` to its index in the stack `from`. */
function broadcastIndex(from: readonly number[], to: readonly number[]): (i: number) => number {
  const lead = to.length - from.length;
  return (i) => {
    let index = 0;
    let stride = 1;
    let rest = i;
    for (let axis = to.length - 1; axis >= lead; axis--) {
      const size = from[axis - lead]!;
      if (size !== 1) index += (rest % to[axis]!) * stride;
      stride *= size;
      rest = Math.floor(rest / to[axis]!);
    }
    return index;
  };
}

export const batchMatMulKernel: WasmKernel = {
  name: BatchMatMul,
  run: ({ backend, inputs, attrs }) =>
    batchMatMul(backend, inputs['a']!, inputs['b']!, Boolean(attrs['transposeA']), Boolean(attrs['transposeB'])),
};
