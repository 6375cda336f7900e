import {
  randomUniform,
  type ShapeMap,
  type Tensor,
  tidy,
  truncatedNormal,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';

/** Creates a variable without leaving its initial value behind. */
export function parameter(initial: () => Tensor): Variable {
  return tidy(() => variable(initial()));
}

/** Uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010); the last two axes are fan-in and fan-out. */
export function xavierUniform(shape: number[], seed: number): Tensor {
  const fanIn = shape.at(-2) ?? 1;
  const fanOut = shape.at(-1) ?? 1;
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return randomUniform(shape as ShapeMap['R2'], -limit, limit, 'float32', seed);
}

/** Normal with the given deviation, redrawn beyond two deviations: BERT's and ViT's choice for embeddings (0.02). */
export function smallNormal(shape: number[], seed: number, deviation = 0.02): Tensor {
  // To tfjs a seed of 0 means "no seed" here (not so in randomUniform), and every run would start elsewhere.
  return truncatedNormal(shape as ShapeMap['R2'], 0, deviation, 'float32', seed === 0 ? 0x9e3779b9 : seed);
}
