import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

export interface WithGradient {
  readonly value: Tensor;
  /** Gradients of all inputs, given the gradient of the value and the saved tensors. */
  readonly gradients: (upstream: Tensor, saved: Tensor[]) => Tensor[];
}

/**
 * TensorFlow.js' `customGrad` with precise types. `forward` receives the inputs and a `save` function for the tensors
 * that the backward pass needs, which TensorFlow.js' own types hide.
 */
export function customGradient(
  forward: (inputs: Tensor[], save: (tensors: Tensor[]) => void) => WithGradient,
): (...inputs: Tensor[]) => Tensor {
  return customGrad((...given) => {
    const save = given.pop() as unknown as (tensors: Tensor[]) => void;
    const { value, gradients } = forward(given as Tensor[], save);
    return { value, gradFunc: gradients };
  });
}
