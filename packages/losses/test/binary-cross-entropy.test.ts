import { binaryCrossEntropy } from '@sifaka/losses';
import { seededRandom } from '@sifaka/nn';
import { readGolden } from '@sifaka/test-kit';
import { grad, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const bce = (logits: readonly number[], labels: readonly number[]): number =>
  tidy(() => binaryCrossEntropy(tensor1d([...logits]), tensor1d([...labels])).dataSync()[0]!) as unknown as number;

const gradientOf = (logits: readonly number[], labels: readonly number[]): Float32Array =>
  tidy(() =>
    grad((z) => binaryCrossEntropy(z, tensor1d([...labels])))(tensor1d([...logits])).dataSync<'float32'>(),
  ) as unknown as Float32Array;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

describe('binaryCrossEntropy', () => {
  it('is log 2 for a logit of 0, whatever the label', () => {
    for (const label of [0, 0.3, 1]) expect(bce([0], [label])).toBeCloseTo(Math.LN2, 6);
  });

  it('is the mean of −[y log ŷ + (1 − y) log(1 − ŷ)], ŷ = σ(z)', () => {
    const logits = [-2.5, -0.3, 0.7, 4];
    const labels = [0, 1, 0.25, 1];
    const terms = logits.map(
      (z, i) => -(labels[i]! * Math.log(sigmoid(z)) + (1 - labels[i]!) * Math.log(1 - sigmoid(z))),
    );
    expect(bce(logits, labels)).toBeCloseTo(terms.reduce((a, b) => a + b) / 4, 6);
  });

  it('is the same for a liked row at z and a disliked row at −z', () => {
    for (const z of [-100, -3, 0, 0.5, 20]) expect(bce([z], [1])).toBe(bce([-z], [0]));
  });

  it('does not overflow: at ±100 it is 100 for the wrong label and 0 for the right one', () => {
    expect(bce([100], [0])).toBe(100);
    expect(bce([-100], [1])).toBe(100);
    expect(bce([100, -100], [1, 0])).toBeCloseTo(0, 12);
    expect(bce([1e30], [0])).toBeCloseTo(1e30, -24);
  });

  it('has the gradient (σ(z) − y) / B, even at 0 and at ±100', () => {
    const random = seededRandom(1);
    const logits = [0, 0, 100, -100, 100, -100, ...Array.from({ length: 14 }, () => 8 * random() - 4)];
    const labels = [0, 1, 0, 0, 1, 1, ...Array.from({ length: 14 }, (_, i) => i % 2)];
    const expected = logits.map((z, i) => (sigmoid(z) - labels[i]!) / logits.length);
    expect(gradientOf(logits, labels)).toBeAllClose(expected, { atol: 1e-8, rtol: 1e-5 });
  });

  it("equals PyTorch's binary_cross_entropy_with_logits, value and gradient", () => {
    interface Case {
      readonly logits: number[];
      readonly labels: number[];
      readonly loss: number;
      readonly gradients: readonly [number[]];
    }
    for (const { logits, labels, loss, gradients } of readGolden<readonly Case[]>(
      import.meta.url,
      'binary-cross-entropy',
    )) {
      // The wasm engine's log1p(x) is log(1 + x), which rounds a small x to float32's step at 1.
      expect([bce(logits, labels)]).toBeAllClose([loss], { atol: 1e-7, rtol: 1e-6 });
      expect(gradientOf(logits, labels)).toBeAllClose(gradients[0], { atol: 1e-7, rtol: 1e-6 });
    }
  });

  it('names both shapes when they differ', () => {
    expect(() => bce([1, 2, 3], [1, 0])).toThrow('binaryCrossEntropy: labels: expected [3], got [2]');
  });
});
