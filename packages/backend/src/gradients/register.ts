import { type GradConfig, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import { tileGradient } from './tile.js';

const GRADIENTS: readonly GradConfig[] = [tileGradient];

/** Puts our gradients in the place of TensorFlow.js' own, on every engine. Call it once those are registered. */
export function registerGradients(): void {
  for (const gradient of GRADIENTS) {
    unregisterGradient(gradient.kernelName);
    registerGradient(gradient);
  }
}
