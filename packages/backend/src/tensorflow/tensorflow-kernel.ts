import {
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type Tensor,
  type TensorInfo,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';

/** The part of tfjs-node's backend that runs an operation of libtensorflow. */
export interface TensorFlowBackend {
  readonly binding: { readonly TF_ATTR_INT: number };
  executeMultipleOutputs(
    name: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: number }[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
}

export interface TensorFlowCall {
  readonly backend: TensorFlowBackend;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  /** tfjs-node's own kernel on the same arguments, for what ours does not cover. */
  engineKernel(): Tensor | Tensor[];
}

/** A kernel of ours that libtensorflow runs, named as models ask for it. */
export interface TensorFlowKernel {
  readonly name: string;
  run(call: TensorFlowCall): Tensor | Tensor[];
}

/** Wraps a kernel in TensorFlow.js' calling convention. */
export function tensorFlowKernelFunc(
  { name, run }: TensorFlowKernel,
  engineKernel: KernelFunc | undefined,
): KernelFunc {
  return ({ inputs, backend, attrs = {} }) =>
    run({
      backend: backend as TensorFlowBackend,
      inputs,
      attrs,
      engineKernel: () => {
        if (engineKernel === undefined) throw new Error(`${name} on tensorflow: these arguments are not supported`);
        return engineKernel({ inputs, backend, attrs }) as Tensor | Tensor[];
      },
    });
}

/** Runs an operation on numbers beside its tensors: attributes that change from step to step would fill libtensorflow's cache of kernels. */
export function withNumbers<Result extends Tensor | Tensor[]>(
  values: readonly number[],
  work: (numbers: Tensor) => Result,
  dtype: 'float32' | 'int32' = 'float32',
): Result {
  return tidy(() => work(tensor1d(values as number[], dtype))) as Result;
}
