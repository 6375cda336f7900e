import '@tensorflow/tfjs-backend-cpu';
import { getBackend, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';

/**
 * Computes `f(...inputs)` on the reference engine, and returns the result as a tensor of the current engine, which
 * stays current.
 */
export async function onCpu(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Promise<Tensor> {
  const engine = getBackend();
  const values = inputs.map((input) => ({ data: input.dataSync(), shape: input.shape, dtype: input.dtype }));
  await setBackend('cpu');
  try {
    const copies = values.map(({ data, shape, dtype }) => tensor(data, shape, dtype));
    const result = f(...copies);
    const { shape, dtype } = result;
    const data = result.dataSync();
    for (const each of [...copies, result]) each.dispose();
    await setBackend(engine);
    return tensor(data, shape, dtype);
  } finally {
    await setBackend(engine);
  }
}
