import { add, engine, erf, exp, mul, square, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.js';
import { engineKernel } from './engine-kernel.js';

/**
 * `x · Φ(x)` with the exact normal distribution function Φ (Hendrycks and Gimpel, 2016). The gradient is
 * `Φ(x) + x · φ(x)`.
 *
 * @param x any shape
 * @returns the same shape
 */
export function gelu(x: Tensor): Tensor {
  const kernel = engineKernel('Gelu', [x]);
  if (kernel === undefined) return tidy(() => composedGelu(x));
  return tidy(() => (engine().isTapeOn() ? fusedGelu(x) : kernel({ x })[0]!));
}

const fusedGelu = customGradient(([x], save) => {
  const [value, slope] = engineKernel('Gelu')!({ x: x! }, { slope: 1 }) as [Tensor, Tensor];
  save([slope]);
  return { value, gradients: (dy, [slope]) => [mul(dy, slope!)] };
});

const composedGelu = customGradient(([input], save) => {
  const distribution = mul(add(erf(mul(input!, Math.SQRT1_2)), 1), 0.5);
  save([input!, distribution]);
  return {
    value: mul(input!, distribution),
    gradients: (dy, [x, distribution]) => {
      const density = mul(exp(mul(square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy, add(distribution!, mul(x!, density)))];
    },
  };
});
