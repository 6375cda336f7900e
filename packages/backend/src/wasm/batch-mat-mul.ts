import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { BatchMatMul, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from './kernels-module.js';
import type { WasmKernel } from './wasm-kernel.js';

/** `op(A) op(B)` over the last two axes; the leading ones broadcast. `A [..., M, K]` and `B [..., K, N]`, each stored transposed where asked. */
export function batchMatMul(
  backend: BackendWasm,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
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
  const batchShape = broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const out = backend.makeOutput([...batchShape, m, n], 'float32');
  const batch = util.sizeFromShape(batchShape);
  if (batch * m * n === 0) return out;

  const { exports, scratch } = kernelsOf(backend);
  const aAddress = addressOf(backend, a);
  const bAddress = addressOf(backend, b);
  const cAddress = addressOf(backend, out);
  const run = (aIndex: number, bIndex: number, cIndex: number, count: number, aStep: number, bStep: number) =>
    exports.product(
      aAddress + aIndex * m * k * 4,
      bAddress + bIndex * k * n * 4,
      cAddress + cIndex * m * n * 4,
      count,
      aStep * m * k * 4,
      bStep * k * n * 4,
      m,
      n,
      k,
      Number(transposeA),
      Number(transposeB),
      scratch,
    );

  const aCount = util.sizeFromShape(aBatch);
  const bCount = util.sizeFromShape(bBatch);
  if (bCount === 1 && !transposeA && aCount === batch) {
    // One matrix for all: the products are the rows of a single tall one.
    exports.product(aAddress, bAddress, cAddress, 1, 0, 0, batch * m, n, k, 0, Number(transposeB), scratch);
  } else if ((aCount === batch || aCount === 1) && (bCount === batch || bCount === 1)) {
    run(0, 0, 0, batch, aCount === 1 ? 0 : 1, bCount === 1 ? 0 : 1);
  } else {
    const aOf = broadcastIndex(aBatch, batchShape);
    const bOf = broadcastIndex(bBatch, batchShape);
    for (let i = 0; i < batch; i++) run(aOf(i), bOf(i), i, 1, 0, 0);
  }
  return out;
}

/** Leading axes, rows and columns. */
function matrices(shape: readonly number[]): [number[], number, number] {
  return [shape.slice(0, -2), shape.at(-2)!, shape.at(-1)!];
}

/** Which matrix of a stack of shape `from` stands at flat position `i` of the broadcast stack `to`. */
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
