import { engine, type TensorContainer, tidy } from '@tensorflow/tfjs-core';

/**
 * Runs `forward` in a `tidy`, unseen by an enclosing gradient: its results are constants there, and what it computes in
 * between is freed at once. TensorFlow.js keeps the inputs and outputs of every operation until the backward pass
 * otherwise, even of those that no variable depends on.
 *
 * @returns what `forward` returns. The caller owns its tensors.
 */
export function withoutTape<Result extends TensorContainer>(forward: () => Result): Result {
  const { state } = engine();
  state.kernelDepth++; // TensorFlow.js records nothing inside a kernel.
  try {
    return tidy(forward);
  } finally {
    state.kernelDepth--;
  }
}
