import { LayerNorm, layerNorm } from '@sifaka/nn';
import { checkGradient, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  div,
  grads,
  mean,
  moments,
  mul,
  ones,
  type Scalar,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  tensor1d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Not centred at 0 and not of deviation 1, so that normalisation changes something. */
const uncentred = (shape: number[], seed: number): Tensor => normal(shape, seed, { mean: 3, deviation: 2 });

/** The definition, composed of tfjs' own operations. */
function composed(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const { mean, variance } = moments(x, -1, true);
  return add(mul(div(sub(x, mean), sqrt(add(variance, 1e-5))), scale), shift);
}

describe('layerNorm', () => {
  it('gives every row mean 0 and variance 1', () => {
    tidy(() => {
      const output = layerNorm(uncentred([4, 3, 16], 1), ones([16]), zeros([16]));
      const { mean, variance } = moments(output, -1);
      expect(mean).toBeAllClose(zeros([4, 3]), { atol: 1e-5 });
      expect(variance).toBeAllClose(ones([4, 3]), { rtol: 1e-3 });
    });
  });

  it('is invariant to shifting and scaling a row', () => {
    tidy(() => {
      const x = uncentred([3, 8], 1);
      const [scale, shift] = [uncentred([8], 2), uncentred([8], 3)];
      expect(layerNorm(add(mul(x, 4), 7), scale, shift)).toBeAllClose(layerNorm(x, scale, shift), { atol: 1e-3 });
    });
  });

  it('returns the shift for a constant row', () => {
    tidy(() => {
      const shift = tensor1d([1, -2, 3]);
      expect(layerNorm(tensor([[5, 5, 5]]), ones([3]), shift)).toBeAllClose([[1, -2, 3]]);
    });
  });

  it('equals its definition, forward and backward', () => {
    tidy(() => {
      const inputs = [uncentred([2, 3, 5], 1), uncentred([5], 2), uncentred([5], 3)];
      const upstream = uncentred([2, 3, 5], 4);
      expect(layerNorm(inputs[0]!, inputs[1]!, inputs[2]!)).toBeAllClose(composed(inputs[0]!, inputs[1]!, inputs[2]!), {
        atol: 1e-4,
      });
      const actual = grads((x, scale, shift) => sum(mul(layerNorm(x!, scale!, shift!), upstream)))(inputs);
      const expected = grads((x, scale, shift) => sum(mul(composed(x!, scale!, shift!), upstream)))(inputs);
      actual.forEach((gradient, i) => {
        expect(gradient).toBeAllClose(expected[i]!, { atol: 1e-4, rtol: 1e-4 });
      });
    });
  });

  it('matches finite differences in input, scale and shift', () => {
    tidy(() => {
      const upstream = uncentred([3, 4], 4);
      checkGradient(
        (x, scale, shift) => mean(mul(layerNorm(x!, scale!, shift!), upstream)) as Scalar,
        [uncentred([3, 4], 1), uncentred([4], 2), uncentred([4], 3)],
      );
    });
  });

  it("equals PyTorch's layer_norm, forward and backward", () => {
    const golden = readGolden<Record<'x' | 'scale' | 'shift' | 'upstream' | 'y', number[]> & { gradients: number[][] }>(
      import.meta.url,
      'layer-norm',
    );
    tidy(() => {
      const inputs = [tensor(golden.x), tensor(golden.scale), tensor(golden.shift)];
      expect(layerNorm(inputs[0]!, inputs[1]!, inputs[2]!)).toBeAllClose(golden.y, { atol: 1e-5 });
      const gradients = grads((x, scale, shift) => sum(mul(layerNorm(x!, scale!, shift!), tensor(golden.upstream))))(
        inputs,
      );
      gradients.forEach((gradient, i) => {
        expect(gradient).toBeAllClose(golden.gradients[i]!, { atol: 1e-5, rtol: 1e-4 });
      });
    });
  });

  it('names both shapes if scale or shift is not as wide as the input', () => {
    tidy(() => {
      const x = zeros([2, 4]);
      expect(() => layerNorm(x, ones([3]), zeros([4]))).toThrow('layerNorm: scale: expected [4], got [3]');
      expect(() => layerNorm(x, ones([4]), zeros([2, 4]))).toThrow('layerNorm: shift: expected [4], got [2, 4]');
    });
  });
});

describe('LayerNorm', () => {
  it('has an epsilon of 1e-5 by default', () => {
    const norm = new LayerNorm({ dim: 2 });
    tidy(() => {
      const x = tensor([[-0.01, 0.01]]); // variance 1e-4
      const expected = 0.01 / Math.sqrt(1.1e-4);
      expect(norm.forward(x)).toBeAllClose([[-expected, expected]], { rtol: 1e-4 });
      expect(layerNorm(x, ones([2]), zeros([2]))).toBeAllClose([[-expected, expected]], { rtol: 1e-4 });
    });
    norm.dispose();
  });

  it('starts with scale 1 and shift 0 and uses its epsilon', () => {
    const norm = new LayerNorm({ dim: 4, epsilon: 3 });
    tidy(() => {
      // The row's variance is 1, so it is divided by √(1 + 3).
      expect(norm.forward(tensor([[-1, 1, -1, 1]]))).toBeAllClose([[-0.5, 0.5, -0.5, 0.5]]);
    });
    expect([...norm.parameters.keys()]).toEqual(['scale', 'shift']);
    norm.dispose();
    norm.dispose();
  });
});
