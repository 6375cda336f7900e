import {
  add,
  customGrad,
  engine,
  erf,
  exp,
  getBackend,
  getKernel,
  mul,
  square,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * `x · Φ(x)` with the exact normal distribution function (Hendrycks and Gimpel, 2016). Its gradient is written out:
 * `Φ(x) + x · φ(x)`.
 *
 * An engine that has kernels named `Gelu` and `GeluGradient` (the wasm engine, by `@sifaka/backend`) does it in one pass each.
 *
 * @param x any shape
 * @returns the same shape
 */
export function gelu(x: Tensor): Tensor {
  const fused = getKernel('Gelu', getBackend()) !== undefined;
  return tidy(() => (fused ? fusedGelu : composedGelu)(x));
}

const fusedGelu = customGrad((...inputs) => {
  const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
  const input = inputs[0] as Tensor;
  save([input]);
  return {
    value: engine().runKernel('Gelu', { x: input }) as Tensor,
    gradFunc: (upstream: Tensor, saved: Tensor[]) =>
      engine().runKernel('GeluGradient', { x: saved[0]!, dy: upstream }) as Tensor,
  };
});

const composedGelu = customGrad((...inputs) => {
  const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
  const input = inputs[0] as Tensor;
  const distribution = mul(add(erf(mul(input, Math.SQRT1_2)), 1), 0.5);
  save([input, distribution]);
  return {
    value: mul(input, distribution),
    gradFunc: (upstream: Tensor, saved: Tensor[]) => {
      const [input, distribution] = saved as [Tensor, Tensor];
      const density = mul(exp(mul(square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return mul(upstream, add(distribution, mul(input, density)));
    },
  };
});
