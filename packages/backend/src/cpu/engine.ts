import { env } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.js';
import { ENGINES } from '../engine-descriptions.js';
import { explainStartFailure } from '../explain-start-failure.js';
import { makeCurrent } from '../make-current.js';

/** TensorFlow.js in plain JavaScript: the reference that the other engines are compared with. */
export const cpu: Engine = {
  name: 'cpu',
  runtimeFailures: [],

  async start() {
    env().set('PROD', true); // Silences the banner that recommends tfjs-node.
    await import('@tensorflow/tfjs-backend-cpu');
    await makeCurrent('cpu');
  },

  async report() {
    const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
    return { version: version_cpu, device: ENGINES.cpu.device, threads: 1 };
  },

  explain(error) {
    return explainStartFailure('cpu', error);
  },
};
