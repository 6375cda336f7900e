import { add, getBackend, ready, scalar, setBackend, tidy } from '@tensorflow/tfjs-core';
import { ENGINES, type EngineName } from './engine-descriptions.js';

/**
 * Starts an engine's registered backend and makes it the current one.
 *
 * @throws Error if TensorFlow.js could not start the backend.
 */
export async function makeCurrent(engine: EngineName): Promise<void> {
  const { packageName, backendName } = ENGINES[engine];
  if (!(await setBackend(backendName))) throw new Error(`${packageName} is installed but did not start`);
  await ready();
  if (getBackend() !== backendName) throw new Error(`expected backend ${backendName}, got ${getBackend()}`);
}

/**
 * Adds 1 and 1 on the current engine. An engine may load and still fail in its first kernel, as tfjs-node does
 * on Node 23 and later unless Node is prepared for it.
 *
 * @throws Error if the sum is not 2.
 */
export function checkOneKernel(): void {
  const two = tidy(() => add(scalar(1), scalar(1)));
  const value = two.dataSync()[0];
  two.dispose();
  if (value !== 2) throw new Error(`expected 1 + 1 to be 2, got ${value}`);
}
