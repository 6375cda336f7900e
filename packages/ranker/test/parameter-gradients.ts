import type { NamedParameters } from '@sifaka/nn';
import { add, mul, type Scalar, sum, type Tensor, tensor, variableGrads } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Gradient of a loss by parameter path. A parameter that the loss does not depend on has zeros. */
export function gradientsByPath(parameters: NamedParameters, loss: () => Scalar): Map<string, readonly number[]> {
  const variables = [...parameters.values()];
  if (variables.length === 0) return new Map();
  // TensorFlow.js refuses variables that the loss does not depend on: 0 · Σ makes it depend on all.
  const untouched = (): Tensor => mul(sum(variables.reduce((total: Tensor, v) => add(total, sum(v)), tensor(0))), 0);
  const { grads, value } = variableGrads(() => add(loss(), untouched()), variables);
  value.dispose();
  return new Map([...parameters].map(([path, variable]) => [path, [...grads[variable.name]!.dataSync()]]));
}

export function expectFiniteGradients(parameters: NamedParameters, loss: () => Scalar): void {
  for (const [path, gradient] of gradientsByPath(parameters, loss)) {
    expect(gradient.every(Number.isFinite), path).toBe(true);
  }
}

/** Expects that no parameter is idle: some value of each changes the loss. */
export function expectGradientForEveryParameter(parameters: NamedParameters, loss: () => Scalar): void {
  for (const [path, gradient] of gradientsByPath(parameters, loss)) {
    expect(gradient.every(Number.isFinite), path).toBe(true);
    expect(Math.max(...gradient.map(Math.abs)), path).toBeGreaterThan(1e-6);
  }
}
