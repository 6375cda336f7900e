import { type GradConfig, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import { tileGradient } from './tile.js';

const GRADIENTS: readonly GradConfig[] = [tileGradient];

/**
 * Registers TensorFlow.js' gradients, which its core alone does not, and then replaces some of them by this package's.
 * Gradients are registered for all engines at once.
 */
export async function registerGradients(): Promise<void> {
  await import('@tensorflow/tfjs-layers'); // Registers all gradients when it is imported.
  for (const gradient of GRADIENTS) {
    unregisterGradient(gradient.kernelName);
    registerGradient(gradient);
  }
}
