import { countParameters, ShapeError } from '@sifaka/nn';
import { MlpHead } from '@sifaka/ranker';
import { checkGradient, normal } from '@sifaka/test-kit';
import { memory, mul, sum, type Tensor, tensor1d, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('MlpHead', () => {
  it('is a chain of linear layers with ReLU between them, over all groups end to end', () => {
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

  it('has the gradient of finite differences', () => {
    const model = new MlpHead({ groups: { a: 2, b: 1 }, hiddenDims: [4, 3], seed: 3 });
    tidy(() => {
      const inputs = [normal([2, 2], 1), normal([2, 1], 2)];
      checkGradient((a, b) => sum(mul(model.forward({ a: a!, b: b! }), tensor1d([1, -2]))), inputs);
    });
    model.dispose();
  });

  it('has the widths that it is given, from the seed, and gives all back', () => {
    const before = memory().numTensors;
    const [model, same, other, straight] = [
      new MlpHead({ groups: { a: 2, b: 3 }, seed: 1 }),
      new MlpHead({ groups: { a: 2, b: 3 }, seed: 1 }),
      new MlpHead({ groups: { a: 2, b: 3 }, seed: 2 }),
      new MlpHead({ groups: { a: 2 }, hiddenDims: [], seed: 1 }),
    ];
    expect(countParameters(model.parameters)).toBe(5 * 256 + 256 + 256 * 64 + 64 + 64 + 1);
    expect(countParameters(straight.parameters)).toBe(3);
    tidy(() => {
      const features = { a: normal([3, 2], 1), b: normal([3, 3], 2) };
      expect(same.forward(features)).toBeAllClose(model.forward(features), { atol: 0, rtol: 0 });
      expect(other.forward(features)).not.toBeAllClose(model.forward(features), { atol: 1e-3 });
      expect(straight.forward({ a: features.a }).shape).toEqual([3]);
    });
    for (const held of [model, model, same, other, straight]) held.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('names the group that is missing or has another shape', () => {
    const model = new MlpHead({ groups: { user: 2, item: 3 }, seed: 1 });
    tidy(() => {
      expect(() => model.forward({ user: zeros([4, 2]) })).toThrow(ShapeError);
      expect(() => model.forward({ user: zeros([4, 2]) })).toThrow('MlpHead.forward: item: expected [4, 3], got []');
    });
    model.dispose();
    expect(() => new MlpHead({ groups: {}, seed: 1 })).toThrow('MlpHead: expected at least one group, got none');
  });
});
