import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

export interface WithGradient {
  readonly value: Tensor;
  /** The gradients of all inputs for that of the value, from what was saved. */
  readonly gradients: (upstream: Tensor, saved: Tensor[]) => Tensor[];
}

/** TensorFlow.js' `customGrad` with the arguments that it passes, which its types hide: the inputs, and what keeps tensors for later. */
export function customGradient(
  forward: (inputs: Tensor[], save: (tensors: Tensor[]) => void) => WithGradient,
): (...inputs: Tensor[]) => Tensor {
  return customGrad((...given) => {
    const save = given.pop() as unknown as (tensors: Tensor[]) => void;
    const { value, gradients } = forward(given as Tensor[], save);
    return { value, gradFunc: gradients };
  });
}
