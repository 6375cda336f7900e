import { type GradConfig, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import { tileGradient } from './tile.js';

const GRADIENTS: readonly GradConfig[] = [tileGradient];

/**
 * Registers the gradients of TensorFlow.js, which its core lacks in Node, and then ours in place of some of them, on
 * every engine.
 */
export async function registerGradients(): Promise<void> {
  await import('@tensorflow/tfjs-layers'); // Registers all gradients when it is imported.
  for (const gradient of GRADIENTS) {
    unregisterGradient(gradient.kernelName);
    registerGradient(gradient);
  }
}
