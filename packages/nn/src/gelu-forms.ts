import { add, mul, sigmoid, square, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.js';
import { gelu } from './gelu.js';
import { quoted } from './quoted.js';

/**
 * The activation inside a feed-forward part: {@link gelu} (exact), {@link geluTanh} (the approximation of GPT and
 * SigLIP) or {@link quickGelu} (that of CLIP).
 */
export type Activation = 'gelu' | 'geluTanh' | 'quickGelu';

const ACTIVATIONS: Readonly<Record<Activation, (x: Tensor) => Tensor>> = { gelu, geluTanh, quickGelu };

/** The function of that name. @throws RangeError listing the names if there is none. */
export function activationOf(where: string, name: Activation): (x: Tensor) => Tensor {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name];
  const names = Object.keys(ACTIVATIONS).join(', ');
  throw new RangeError(`${where}: expected activation to be one of ${names}, got ${quoted(name)}`);
}

/**
 * `x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`, an approximation of {@link gelu} (Hendrycks and Gimpel, 2016).
 *
 * @param x any shape
 * @returns the same shape
 */
export function geluTanh(x: Tensor): Tensor {
  return tidy(() => tanhForm(x));
}

/**
 * `x · σ(1.702 x)`, a coarser approximation of {@link gelu} (Hendrycks and Gimpel, 2016).
 *
 * @param x any shape
 * @returns the same shape
 */
export function quickGelu(x: Tensor): Tensor {
  return tidy(() => quickForm(x));
}

// (1 + tanh(u)) / 2 = σ(2u)
const FACTOR = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const tanhForm = gated(
  (x) => mul(mul(x, add(mul(square(x), CUBIC), 1)), FACTOR),
  (x) => mul(add(mul(square(x), 3 * CUBIC), 1), FACTOR),
);

const QUICK = 1.702;

const quickForm = gated(
  (x) => mul(x, QUICK),
  () => QUICK,
);

/** `x · σ(gate(x))`. The gradient is `σ + x · σ · (1 − σ) · slope(x)`, where `slope` is the derivative of `gate`. */
function gated(gate: (x: Tensor) => Tensor, slope: (x: Tensor) => Tensor | number): (x: Tensor) => Tensor {
  return customGradient(([input], save) => {
    const share = sigmoid(gate(input!));
    save([input!, share]);
    return {
      value: mul(input!, share),
      gradients: (dy, [x, share]) => {
        const change = mul(mul(x!, mul(share!, sub(1, share!))), slope(x!));
        return [mul(dy, add(share!, change))];
      },
    };
  });
}
