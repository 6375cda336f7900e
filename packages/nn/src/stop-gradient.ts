import { engine, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Returns the same values as a constant: no gradient flows back through the result.
 *
 * TensorFlow.js has no such operation. With a `customGrad` that returns zeros, the backward pass would still run
 * through all operations before it. A new tensor over the same data is not on the tape at all.
 *
 * @param x any shape
 * @returns the same shape, sharing the data
 */
export function stopGradient(x: Tensor): Tensor {
  const running = engine();
  running.backend.incRef(x.dataId);
  return running.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype });
}
