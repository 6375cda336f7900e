import { add, customGrad, erf, exp, mul, square, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * `x · Φ(x)` with the exact normal distribution function (Hendrycks and Gimpel, 2016). Its gradient is written out:
 * `Φ(x) + x · φ(x)`.
 *
 * @param x any shape
 * @returns the same shape
 */
export function gelu(x: Tensor): Tensor {
  const op = customGrad((...inputs) => {
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
  return tidy(() => op(x));
}
