import {
  backend_util,
  getKernel,
  type KernelBackend,
  Multiply,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  Sum,
  type Tensor,
  type TensorInfo,
  Transpose,
} from '@tensorflow/tfjs-core';

interface EinsumCall {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: KernelBackend;
}

/**
 * `einsum(equation, ...operands)` by an engine's other kernels: aligns the operands by transposing them, multiplies
 * them, and sums axis by axis.
 *
 * @param backendName TensorFlow.js' name of the backend.
 */
export function composeEinsum(call: EinsumCall, backendName: string): TensorInfo {
  const run = (name: string, inputs: Readonly<Record<string, TensorInfo>>, attrs: NamedAttrMap = {}) =>
    getKernel(name, backendName).kernelFunc({ inputs, backend: call.backend, attrs }) as TensorInfo;
  const runAndDispose: Run = (name, inputs, attrs) => {
    const result = run(name, inputs, attrs);
    for (const { dataId } of Object.values(inputs)) call.backend.disposeData(dataId);
    return result;
  };
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
      const aligned = align(call.backend, run, operands[operand]!, idDims[operand]!, remaining);
      product = product === undefined ? aligned : runAndDispose(Multiply, { a: aligned, b: product });
    }
    if (i === steps.length - 1) break;
    if (path[i]! >= 0) {
      const axis = path[i]! - (allDims.length - remaining);
      product = runAndDispose(Sum, { x: product! }, { axis, keepDims: false });
    }
    remaining--;
  }
  return product!;
}

type Run = (name: string, inputs: Readonly<Record<string, TensorInfo>>, attrs?: NamedAttrMap) => TensorInfo;

/**
 * The operand with its axes in the equation's order, and an axis of size 1 for each axis that it lacks. Owned by the
 * caller.
 */
function align(backend: KernelBackend, run: Run, x: TensorInfo, axes: number[], remaining: number): TensorInfo {
  const { permutationIndices, expandDims } = backend_util.getEinsumPermutation(remaining, axes);
  const identity = backend_util.isIdentityPermutation(permutationIndices);
  if (identity) backend.incRef(x.dataId);
  const transposed = identity ? x : run(Transpose, { x }, { perm: permutationIndices });
  const shape = [...transposed.shape];
  for (const axis of expandDims) shape.splice(axis, 0, 1);
  return { dataId: transposed.dataId, shape, dtype: transposed.dtype };
}
