import '@tensorflow/tfjs-backend-cpu';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';

/** Runs on the reference engine, `cpu`, and then restores the current engine. Tensors must not outlive the call. */
export async function onReference<T>(run: () => Promise<T>): Promise<T> {
  const engine = getBackend();
  await setBackend('cpu');
  try {
    return await run();
  } finally {
    await setBackend(engine);
  }
}
