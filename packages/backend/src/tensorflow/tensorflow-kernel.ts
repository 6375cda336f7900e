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
}

/** A kernel of ours that libtensorflow runs, named as models ask for it. */
export interface TensorFlowKernel {
  readonly name: string;
  run(call: TensorFlowCall): Tensor | Tensor[];
}

/** Wraps a kernel in TensorFlow.js' calling convention. */
export function tensorFlowKernelFunc({ run }: TensorFlowKernel): KernelFunc {
  return ({ inputs, backend, attrs = {} }) => run({ backend: backend as TensorFlowBackend, inputs, attrs });
}

/** Runs an operation on numbers beside its tensors: attributes that change from step to step would fill libtensorflow's cache of kernels. */
export function withNumbers<Result extends Tensor | Tensor[]>(
  values: readonly number[],
  work: (numbers: Tensor) => Result,
  dtype: 'float32' | 'int32' = 'float32',
): Result {
  return tidy(() => work(tensor1d(values as number[], dtype))) as Result;
}
