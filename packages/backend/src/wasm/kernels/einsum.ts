import {
  backend_util,
  Einsum,
  getKernel,
  Multiply,
  type NamedAttrMap,
  Sum,
  type Tensor,
  type TensorInfo,
  Transpose,
} from '@tensorflow/tfjs-core';
import type { WasmCall, WasmKernel } from '../wasm-kernel.js';

/**
 * `einsum(equation, ...operands)`, which the engine lacks: aligns the operands by transposing them, multiplies them,
 * and sums axis by axis.
 */
export const einsumKernel: WasmKernel = {
  name: Einsum,
  run: (call) => {
    const operands = Object.values(call.inputs) as TensorInfo[];
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(
      call.attrs['equation'] as string,
      operands.length,
    );
    // It reads only the shapes of its arguments, so a TensorInfo is enough.
    backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as Tensor[]);
    const { path, steps } = backend_util.getEinsumComputePath(summedDims, idDims);
    let remaining = allDims.length;
    let product: TensorInfo | undefined;
    for (const [i, step] of steps.entries()) {
      for (const operand of step) {
        const aligned = align(call, operands[operand]!, idDims[operand]!, remaining);
        product = product === undefined ? aligned : runAndDispose(call, Multiply, { a: aligned, b: product });
      }
      if (i === steps.length - 1) break;
      if (path[i]! >= 0) {
        const axis = path[i]! - (allDims.length - remaining);
        product = runAndDispose(call, Sum, { x: product! }, { axis, keepDims: false });
      }
      remaining--;
    }
    return product!;
  },
};

/**
 * The operand with its axes in the equation's order, and an axis of size 1 for each axis that it lacks. Owned by the
 * caller.
 */
function align({ backend }: WasmCall, x: TensorInfo, axes: number[], remaining: number): TensorInfo {
  const { permutationIndices, expandDims } = backend_util.getEinsumPermutation(remaining, axes);
  const identity = backend_util.isIdentityPermutation(permutationIndices);
  if (identity) backend.incRef(x.dataId);
  const transposed = identity ? x : run(backend, Transpose, { x }, { perm: permutationIndices });
  const shape = [...transposed.shape];
  for (const axis of expandDims) shape.splice(axis, 0, 1);
  return { dataId: transposed.dataId, shape, dtype: transposed.dtype };
}

/** Runs a kernel and disposes its inputs. */
function runAndDispose(
  { backend }: WasmCall,
  name: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  attrs: NamedAttrMap = {},
): TensorInfo {
  const result = run(backend, name, inputs, attrs);
  for (const { dataId } of Object.values(inputs)) backend.disposeData(dataId);
  return result;
}

function run(
  backend: WasmCall['backend'],
  name: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  attrs: NamedAttrMap,
): TensorInfo {
  return getKernel(name, 'wasm').kernelFunc({ inputs, backend, attrs }) as TensorInfo;
}
