import { randomUniform, type ShapeMap, type Tensor, truncatedNormal, zeros } from '@tensorflow/tfjs-core';
import { assertNumber, assertSeed } from './assert-options.js';

let isDrawing = true;

/**
 * Builds modules whose weights are read from a file next: {@link xavierUniform} and {@link smallNormal} give zeros
 * meanwhile. Drawing the weights of a published encoder would take seconds.
 *
 * @param build not asynchronous
 */
export function withoutDrawing<Built>(build: () => Built): Built {
  const before = isDrawing;
  isDrawing = false;
  try {
    return build();
  } finally {
    isDrawing = before;
  }
}

/** Uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010). The last two axes are fan-in and fan-out. */
export function xavierUniform(shape: number[], seed: number): Tensor {
  assertSeed('xavierUniform', seed);
  if (!isDrawing) return zeros(shape);
  const fanIn = shape.at(-2) ?? 1;
  const fanOut = shape.at(-1) ?? 1;
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return randomUniform(shape as ShapeMap['R2'], -limit, limit, 'float32', seed);
}

/**
 * Normal with the given standard deviation, redrawn beyond two deviations. The default 0.02 is BERT's and ViT's choice.
 */
export function smallNormal(shape: number[], seed: number, deviation = 0.02): Tensor {
  assertSeed('smallNormal', seed);
  assertNumber('smallNormal', { deviation });
  if (!isDrawing) return zeros(shape);
  // tfjs' truncatedNormal (unlike randomUniform) treats seed 0 as no seed, which would make runs differ.
  return truncatedNormal(shape as ShapeMap['R2'], 0, deviation, 'float32', seed === 0 ? 0x9e3779b9 : seed);
}
