import { engine, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The same values, but a constant to automatic differentiation: no gradient flows back, and none is computed for what only this
 * tensor feeds.
 *
 * TensorFlow.js has no such operation. A `customGrad` that returns zeros would still make the backward pass walk through
 * everything behind it; a new tensor over the same data is not on the tape at all.
 *
 * @param x any shape
 * @returns the same shape, sharing the data
 */
export function stopGradient(x: Tensor): Tensor {
  const running = engine();
  running.backend.incRef(x.dataId);
  return running.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype });
}
