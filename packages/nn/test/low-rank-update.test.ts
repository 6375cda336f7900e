import { AdamW, LowRankUpdate, ShapeError } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  add,
  matMul,
  mean,
  mul,
  reshape,
  type Scalar,
  slice,
  square,
  sub,
  sum,
  tensor2d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const OPTIONS = { inputDim: 5, outputDim: 3, rank: 2, alpha: 8, seed: 1 };

/** An update of which neither factor is zero. */
function drawn(): LowRankUpdate {
  const update = new LowRankUpdate(OPTIONS);
  tidy(() => update.up.assign(normal([2, 3], 2)));
  return update;
}

describe('LowRankUpdate', () => {
  it('computes (α/r) x · down · up', () => {
    const update = new LowRankUpdate({ inputDim: 2, outputDim: 3, rank: 1, alpha: 10, seed: 1 });
    tidy(() => {
      update.down.assign(tensor2d([[1], [2]]));
      update.up.assign(tensor2d([[1, 0, -1]]));
      expect(update.forward(tensor2d([[1, 1]]))).toBeAllClose([[30, 0, -30]]);
      expect(update.weight()).toBeAllClose([
        [10, 0, -10],
        [20, 0, -20],
      ]);
    });
    update.dispose();
  });

  it('is zero at the start, whatever its input', () => {
    const update = new LowRankUpdate(OPTIONS);
    tidy(() => {
      expect(update.forward(normal([4, 5], 3))).toBeAllClose(zeros([4, 3]), { atol: 0 });
    });
    update.dispose();
  });

  it('treats all leading axes as rows, and multiplies by its weight', () => {
    const update = drawn();
    tidy(() => {
      const x = normal([2, 3, 5], 3);
      const expected = matMul(reshape(x, [6, 5]), update.weight());
      expect(update.forward(x)).toBeAllClose(reshape(expected, [2, 3, 3]));
      expect(update.forward(slice(x, [0, 0, 0], [0, 3, 5])).shape).toEqual([0, 3, 3]);
    });
    update.dispose();
  });

  it('computes some of its columns', () => {
    const update = drawn();
    tidy(() => {
      const x = normal([4, 5], 3);
      expect(update.forward(x, { from: 1, count: 2 })).toBeAllClose(slice(update.forward(x), [0, 1], [4, 2]));
      for (const columns of [
        { from: 2, count: 2 },
        { from: -1, count: 1 },
        { from: 0, count: 0 },
        { from: 0.5, count: 1 },
      ]) {
        const { from, count } = columns;
        expect(() => update.forward(x, columns)).toThrow(
          `LowRankUpdate.forward: expected columns within 3, got ${count} from ${from}`,
        );
      }
    });
    update.dispose();
  });

  it('has the gradients of the product: by finite differences in its input, in closed form in the factors', () => {
    const update = drawn();
    tidy(() => {
      const upstream = normal([4, 3], 4);
      const x = normal([4, 5], 3);
      checkGradient((x) => sum(mul(update.forward(x!), upstream)) as Scalar, [x]);
      const { grads } = variableGrads(() => sum(mul(update.forward(x), upstream)), [update.down, update.up]);
      // dB = s (x A)ᵀ dy and dA = s xᵀ dy Bᵀ, with s = α/r
      const [down, up] = [update.down, update.up] as const;
      expect(grads[up.name]!).toBeAllClose(mul(matMul(matMul(x, down), upstream, true), 4), { atol: 1e-4 });
      expect(grads[down.name]!).toBeAllClose(mul(matMul(x, matMul(upstream, up, false, true), true), 4), {
        atol: 1e-4,
      });
    });
    update.dispose();
  });

  it('learns a task of rank 1 at rank 1, on vectors that stay as they are', () => {
    const update = new LowRankUpdate({ inputDim: 6, outputDim: 6, rank: 1, seed: 1 });
    const optimizer = new AdamW(update.parameters, { weightDecay: 0 });
    const losses: number[] = [];
    tidy(() => {
      const vectors = normal([32, 6], 2);
      const target = add(vectors, matMul(vectors, matMul(normal([6, 1], 3), normal([1, 6], 4))));
      for (let step = 0; step < 150; step++) {
        tidy(() => {
          const { value, grads } = variableGrads(
            () => mean(square(sub(add(vectors, update.forward(vectors)), target))),
            [...update.parameters.values()],
          );
          losses.push(value.dataSync()[0]!);
          const gradients = new Map([...update.parameters].map(([path, { name }]) => [path, grads[name]!]));
          optimizer.apply(gradients, { learningRate: 0.1 });
        });
      }
    });
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(1e-3);
    optimizer.dispose();
    update.dispose();
  });

  it('draws down from its seed: normal with deviation 1/√inputDim, redrawn beyond two deviations', () => {
    const [a, b, c] = [7, 7, 8].map((seed) => new LowRankUpdate({ inputDim: 100, outputDim: 90, rank: 60, seed })) as [
      LowRankUpdate,
      LowRankUpdate,
      LowRankUpdate,
    ];
    const values = a.down.dataSync() as Float32Array;
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.2);
    const variance = values.reduce((total, each) => total + each * each, 0) / values.length;
    expect(variance / (0.774 * 0.01)).toBeCloseTo(1, 1); // a normal variable within two deviations has variance 0.774
    expect(a.down).toBeAllClose(b.down, { atol: 0, rtol: 0 });
    expect(a.down).not.toBeAllClose(c.down);
    for (const update of [a, b, c]) update.dispose();
  });

  it('multiplies by 1 unless α is given', () => {
    const update = new LowRankUpdate({ inputDim: 2, outputDim: 2, rank: 2, seed: 1 });
    tidy(() => {
      update.up.assign(
        tensor2d([
          [1, 2],
          [3, 4],
        ]),
      );
      expect(update.weight()).toBeAllClose(matMul(update.down, update.up));
    });
    update.dispose();
  });

  it('refuses a rank above the smaller side, naming both, and another width', () => {
    expect(() => new LowRankUpdate({ ...OPTIONS, rank: 4 })).toThrow(
      'LowRankUpdate: expected rank to be at most 3, the smaller side of the weight [5, 3], got 4',
    );
    const update = new LowRankUpdate({ ...OPTIONS, rank: 3 });
    tidy(() => {
      const x = zeros([2, 3]);
      expect(() => update.forward(x)).toThrow('LowRankUpdate.forward: expected [..., 5], got [2, 3]');
      expect(() => update.forward(x)).toThrow(ShapeError);
    });
    update.dispose();
    update.dispose();
  });
});
