import { countParameters } from '@sifaka/nn';
import { MlpHead } from '@sifaka/ranker';
import { type Tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('MlpHead', () => {
  it('applies linear layers with ReLU between them to the concatenated groups', () => {
    const model = new MlpHead({ groups: { a: 2, b: 1 }, hiddenDims: [2], seed: 1 });
    tidy(() => {
      const assign = (path: string, value: Tensor) => model.parameters.get(`layers.${path}`)!.assign(value);
      assign('0.weight', tensor2d([[1, 0], [0, 1], [2, -2]])); // biome-ignore format: a matrix
      assign('0.bias', tensor1d([1, -1]));
      assign('1.weight', tensor2d([[3], [5]]));
      assign('1.bias', tensor1d([0.5]));
      // Row 0: (1 + 2·3 + 1, 2 − 2·3 − 1) = (8, −5) → 3·8 + 0.5. Row 1: (−1 − 2 + 1, 4 + 2 − 1) = (−2, 5) → 5·5 + 0.5.
      const features = { a: tensor2d([[1, 2], [-1, 4]]), b: tensor2d([[3], [-1]]) }; // biome-ignore format: as above
      expect(model.forward(features)).toBeAllClose([24.5, 25.5]);
      const { logits, ...rest } = model.forwardTraining(features);
      expect(logits).toBeAllClose([24.5, 25.5]);
      expect(rest).toEqual({});
    });
    model.dispose();
  });

  it('has the widths that it is given', () => {
    const standard = new MlpHead({ groups: { a: 2, b: 3 }, seed: 1 });
    const linear = new MlpHead({ groups: { a: 2 }, hiddenDims: [], seed: 1 });
    expect(countParameters(standard.parameters)).toBe(5 * 256 + 256 + 256 * 64 + 64 + 64 + 1);
    expect(countParameters(linear.parameters)).toBe(3);
    standard.dispose();
    linear.dispose();
  });
});
