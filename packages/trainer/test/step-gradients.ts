import type { MultimodalRanker } from '@sifaka/trainer';
import { trainingOf } from './small-world.js';

/**
 * The encoders' gradients of a model's first step, by path. Without clipping, AdamW's first moment after it is `(1 −
 * β₁)` times the gradient.
 */
export function encoderGradients(model: MultimodalRanker): Map<string, Float32Array> {
  const { encoderOptimizer } = trainingOf(model);
  const { updates } = encoderOptimizer;
  const { firstMoment } = encoderOptimizer.state();
  if (updates !== 1) throw new Error(`encoderGradients: expected a model after its first step, got ${updates}`);
  const gradients = new Map<string, Float32Array>();
  let offset = 0;
  for (const [path, { size }] of model.parameters) {
    if (offset === firstMoment.length) break; // The ranker's parameters follow.
    gradients.set(
      path,
      firstMoment.slice(offset, offset + size).map((moment) => moment / (1 - 0.9)),
    );
    offset += size;
  }
  return gradients;
}

/** All gradients whose path starts with the prefix, concatenated. */
export function gradientsUnder(prefix: string, gradients: ReadonlyMap<string, Float32Array>): Float32Array {
  const parts = [...gradients].filter(([path]) => path.startsWith(prefix)).map(([, values]) => [...values]);
  if (parts.length === 0) throw new Error(`gradientsUnder: expected weights under ${prefix}, found none`);
  return Float32Array.from(parts.flat());
}

export function norm(values: Float32Array): number {
  return Math.hypot(...values);
}
