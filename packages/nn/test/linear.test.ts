import { Linear, ShapeError } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  mul,
  reshape,
  type Scalar,
  slice,
  sum,
  tensor1d,
  tensor2d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('Linear', () => {
  it('computes x W + b', () => {
    const linear = new Linear({ inputDim: 2, outputDim: 3, seed: 1 });
    tidy(() => {
      linear.weight.assign(
        tensor2d([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      );
      linear.bias!.assign(tensor1d([10, 20, 30]));
      expect(
        linear.forward(
          tensor2d([
            [1, 0],
            [0, 1],
            [2, -1],
          ]),
        ),
      ).toBeAllClose([
        [11, 22, 33],
        [14, 25, 36],
        [8, 19, 30],
      ]);
    });
    linear.dispose();
  });

  it('treats all leading axes as rows, and accepts one vector or no rows', () => {
    const linear = new Linear({ inputDim: 4, outputDim: 3, seed: 1 });
    tidy(() => {
      const x = normal([2, 5, 3, 4], 2);
      const flat = linear.forward(reshape(x, [30, 4]));
      expect(linear.forward(x)).toBeAllClose(reshape(flat, [2, 5, 3, 3]));
      expect(linear.forward(reshape(slice(x, [0, 0, 0, 0], [1, 1, 1, 4]), [4]))).toBeAllClose(
        reshape(slice(flat, [0, 0], [1, 3]), [3]),
      );
      expect(linear.forward(zeros([0, 7, 4])).shape).toEqual([0, 7, 3]);
    });
    linear.dispose();
  });

  it('computes some of its columns', () => {
    const linear = new Linear({ inputDim: 4, outputDim: 5, seed: 1 });
    tidy(() => {
      linear.bias!.assign(normal([5], 3));
      const x = normal([2, 4], 2);
      expect(linear.forward(x, { from: 1, count: 3 })).toBeAllClose(slice(linear.forward(x), [0, 1], [2, 3]));
      expect(() => linear.forward(x, { from: 4, count: 2 })).toThrow(
        'Linear.forward: expected columns within 5, got 2 from 4',
      );
    });
    linear.dispose();
  });

  it('matches finite differences in an input with folded axes', () => {
    const linear = new Linear({ inputDim: 3, outputDim: 2, seed: 1 });
    tidy(() => {
      const upstream = normal([2, 2, 2], 3);
      checkGradient((x) => sum(mul(linear.forward(x!), upstream)) as Scalar, [normal([2, 2, 3], 2)]);
    });
    linear.dispose();
  });

  it('sums the gradient of weight and bias over all rows', () => {
    const linear = new Linear({ inputDim: 2, outputDim: 3, seed: 1 });
    tidy(() => {
      const x = tensor2d([
        [1, 2],
        [3, 4],
      ]);
      const { grads } = variableGrads(() => sum(linear.forward(x)), [linear.weight, linear.bias!]);
      expect(grads[linear.weight.name]!).toBeAllClose([
        [4, 4, 4],
        [6, 6, 6],
      ]);
      expect(grads[linear.bias!.name]!).toBeAllClose([2, 2, 2]);
    });
    linear.dispose();
  });

  it('draws Xavier uniform weights from its seed, with a zero bias or none', () => {
    const linears = [7, 7, 8].map((seed) => new Linear({ inputDim: 60, outputDim: 40, seed, bias: seed === 7 }));
    const [a, b, c] = linears as [Linear, Linear, Linear];
    const limit = Math.sqrt(6 / 100);
    const values = a.weight.dataSync() as Float32Array;
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(limit);
    const variance = values.reduce((total, w) => total + w * w, 0) / values.length;
    expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 1);
    expect(a.weight).toBeAllClose(b.weight, { atol: 0, rtol: 0 });
    expect(a.weight).not.toBeAllClose(c.weight);
    expect(a.bias!).toBeAllClose(new Float32Array(40));
    expect([...c.parameters.keys()]).toEqual(['weight']);
    for (const linear of linears) linear.dispose();
  });

  it('names both shapes if the width differs', () => {
    const linear = new Linear({ inputDim: 3, outputDim: 2, seed: 1 });
    tidy(() => {
      const input = zeros([4, 5]);
      expect(() => linear.forward(input)).toThrow('Linear.forward: expected [..., 3], got [4, 5]');
      expect(() => linear.forward(input)).toThrow(ShapeError);
    });
    linear.dispose();
  });

  it('may be disposed twice', () => {
    const linear = new Linear({ inputDim: 3, outputDim: 2, seed: 1 });
    linear.dispose();
    linear.dispose();
    expect(linear.weight.isDisposed).toBe(true);
  });
});
