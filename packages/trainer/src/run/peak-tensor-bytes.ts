import { engine } from '@tensorflow/tfjs-core';

/**
 * Does some work and measures the most bytes of tensor data that were alive at one time meanwhile, those from before
 * included. It is what PyTorch's `max_memory_allocated` measures: weights, moments, activations and gradients.
 *
 * The count does not depend on what ran before in the process, unlike resident memory, which rarely shrinks. Not in
 * it: arrays of JavaScript such as id tables and bank, what a kernel allocates and frees inside, and memory that an
 * engine keeps for later. Engines with fused kernels keep fewer tensors, and on `tensorflow` a reshaped
 * tensor counts again, because the engine does not say that it shares its data. So compare figures of one engine.
 *
 * TensorFlow.js's `memory().numBytes` counts a reshaped tensor again, although it shares its data, and has no peak. So
 * this function listens to the engine while the work runs.
 *
 * @param work synchronous
 */
export function peakTensorBytes<Result>(work: () => Result): { readonly result: Result; readonly peakBytes: number } {
  const running = engine();
  const { trackTensor, removeDataId } = running;
  const { tensorInfo, numBytes } = running.state;
  const bytesOf = (data: object) => tensorInfo.get(data)?.bytes ?? 0;
  let live = numBytes;
  let peak = live;
  running.trackTensor = (tensor, backend) => {
    const isNew = !tensorInfo.has(tensor.dataId);
    trackTensor.call(running, tensor, backend);
    if (isNew) live += bytesOf(tensor.dataId);
    peak = Math.max(peak, live);
  };
  running.removeDataId = (data, backend) => {
    live -= bytesOf(data);
    removeDataId.call(running, data, backend);
  };
  try {
    const result = work();
    return { result, peakBytes: peak };
  } finally {
    running.trackTensor = trackTensor;
    running.removeDataId = removeDataId;
  }
}
