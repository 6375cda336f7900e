import {
  add,
  mean,
  mul,
  ones,
  reshape,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { assertNumber, assertWhole } from './assert-options.js';
import { customGradient } from './custom-gradient.js';
import { engineKernel } from './engine-kernel.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { parameter } from './parameter.js';
import { assertShape, ShapeError } from './shape-error.js';
import { stopGradient } from './stop-gradient.js';

/**
 * Layer normalisation over the last axis: `(x − mean) / √(variance + ε) · γ + β` (Ba et al., 2016).
 *
 * The gradient is written by hand, because automatic differentiation of the composition runs three times as many
 * kernels.
 *
 * @param x `[..., D]`
 * @param scale γ `[D]`
 * @param shift β `[D]`
 * @returns `[..., D]`
 * @throws {@link ShapeError} if scale or shift is not `[D]`.
 */
export function layerNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon = 1e-5): Tensor {
  const width = x.shape.at(-1)!;
  if (scale.shape.join() !== `${width}`) throw new ShapeError('layerNorm: scale', `[${width}]`, scale.shape);
  if (shift.shape.join() !== `${width}`) throw new ShapeError('layerNorm: shift', `[${width}]`, shift.shape);
  const fused = engineKernel('LayerNorm', [x, scale, shift]) !== undefined;
  const normalise = fused ? fusedLayerNorm(epsilon) : composedLayerNorm(width, epsilon);
  return tidy(() => normalise(x, scale, shift));
}

function fusedLayerNorm(epsilon: number): (...inputs: Tensor[]) => Tensor {
  return customGradient((inputs, save) => {
    const [x, scale, shift] = inputs as [Tensor, Tensor, Tensor];
    save([x, scale]);
    return {
      value: engineKernel('LayerNorm')!({ x, scale, shift }, { epsilon })[0]!,
      gradients: (dy, [x, scale]) => engineKernel('LayerNormGradient')!({ x: x!, scale: scale!, dy }, { epsilon }),
    };
  });
}

function composedLayerNorm(width: number, epsilon: number): (...inputs: Tensor[]) => Tensor {
  return customGradient((inputs, save) => {
    const [input, gamma, beta] = inputs as [Tensor, Tensor, Tensor];
    const rows = reshape(input, [-1, width]);
    const centred = sub(rows, mean(rows, -1, true));
    const inverse = rsqrt(add(mean(square(centred), -1, true), epsilon)); // [R, 1]
    const normal = mul(centred, inverse); // [R, D]
    save([normal, inverse, gamma]);
    return {
      value: reshape(add(mul(normal, gamma), beta), input.shape),
      gradients: (upstream, saved) => {
        const [normal, inverse, gamma] = saved as [Tensor, Tensor, Tensor];
        const dy = reshape(upstream, [-1, width]);
        const dNormal = mul(dy, gamma);
        const along = mul(normal, mean(mul(dNormal, normal), -1, true));
        const dInput = mul(inverse, sub(sub(dNormal, mean(dNormal, -1, true)), along));
        return [reshape(dInput, upstream.shape), sum(mul(dy, normal), 0), sum(dy, 0)];
      },
    };
  });
}

export interface LayerNormOptions {
  readonly dim: number;
  /** Above 0. Default 1e-5. */
  readonly epsilon?: number;
}

/** {@link layerNorm} with its own γ = 1 and β = 0. */
export class LayerNorm implements Module {
  readonly scale: Variable;
  readonly shift: Variable;
  readonly parameters: NamedParameters;
  readonly #epsilon: number;

  readonly #isFrozen: boolean;

  /** @param base makes a {@link frozenView} of it instead of new weights. */
  constructor({ dim, epsilon = 1e-5 }: LayerNormOptions, base?: LayerNorm) {
    assertWhole('LayerNorm', { dim });
    assertNumber('LayerNorm', { epsilon }, { above: true });
    this.#epsilon = epsilon;
    if (base !== undefined) assertShape('LayerNorm: base', base.scale, [dim]);
    this.#isFrozen = base !== undefined;
    this.scale = base?.scale ?? parameter(() => ones([dim]));
    this.shift = base?.shift ?? parameter(() => zeros([dim]));
    this.parameters = collectParameters(base === undefined ? { scale: this.scale, shift: this.shift } : {});
  }

  /** @param input `[..., dim]` @returns `[..., dim]` */
  forward(input: Tensor): Tensor {
    if (!this.#isFrozen) return layerNorm(input, this.scale, this.shift, this.#epsilon);
    return tidy(() => layerNorm(input, stopGradient(this.scale), stopGradient(this.shift), this.#epsilon));
  }

  /** A second module with the same weights as constants; see {@link Linear.frozenView}. */
  frozenView(): LayerNorm {
    return new LayerNorm({ dim: this.scale.size, epsilon: this.#epsilon }, this);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
