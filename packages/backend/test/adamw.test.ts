import {
  add,
  clone,
  div,
  engine,
  mul,
  ones,
  randomNormal,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  type Tensor,
  tensor1d,
  tidy,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { onCpu } from './on-cpu.js';

const ATTRIBUTES = { clip: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-6 };
const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);
const adamw = (inputs: readonly Tensor[], attributes: Readonly<Record<string, number | number[]>>): Tensor[] =>
  engine().runKernel('AdamW', inputs as unknown as Record<string, Tensor>, attributes) as Tensor[];
const globalNorm = (inputs: readonly Tensor[]): Tensor =>
  engine().runKernel('GlobalNorm', inputs as unknown as Record<string, Tensor>) as Tensor;

/** One weight's update, in TensorFlow.js' own operations. */
function composed(m: Tensor, v: Tensor, w: Tensor, g: Tensor, rate: number, decay: number): Tensor[] {
  const { clip, beta1, beta2, epsilon } = ATTRIBUTES;
  const slope = mul(g, clip);
  const first = add(mul(m, beta1), mul(slope, 1 - beta1));
  const second = add(mul(v, beta2), mul(square(slope), 1 - beta2));
  const step = mul(div(first, add(sqrt(second), epsilon)), rate);
  return [first, second, sub(sub(w, step), mul(w, decay))];
}

describe('AdamW on wasm', () => {
  it('updates all weights and both moments as the reference engine does', async () => {
    const shapes = [[3, 5], [1], [], [16], [0, 4], [7]];
    const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const [m, v] = [random([total], 1), tidy(() => square(random([total], 2)))];
    const before = [m, v].map((moment) => tensor1d(moment.dataSync() as Float32Array));
    const weights = shapes.map((shape, i) => random(shape, 3 + i));
    const originals = weights.map((weight) => tidy(() => add(weight, 0)));
    const gradients = shapes.map((shape, i) => random(shape, 20 + i));
    const rates = shapes.map((_, i) => 0.1 * i);
    const decays = shapes.map((_, i) => 0.01 * i);

    const updated = adamw([m, v, ...weights, ...gradients], { ...ATTRIBUTES, rates, decays });
    let offset = 0;
    for (const [i, size] of sizes.entries()) {
      for (const [k, actual] of [m, v, updated[i]!].entries()) {
        const inputs = tidy(() => [
          ...before.map((moment) => reshape(slice(moment, offset, size), shapes[i]!)),
          clone(originals[i]!),
          clone(gradients[i]!),
        ]);
        const expected = await onCpu(
          (...all) => tidy(() => composed(...(all as [Tensor, Tensor, Tensor, Tensor]), rates[i]!, decays[i]!)[k]!),
          inputs,
        );
        const got = tidy(() => (k < 2 ? reshape(slice(actual, offset, size), shapes[i]!) : clone(actual)));
        expect(got).toBeAllClose(expected, { atol: 1e-6, rtol: 1e-5 });
        for (const tensor of [...inputs, expected, got]) tensor.dispose();
      }
      offset += size;
    }
    for (const tensor of [m, v, ...before, ...weights, ...originals, ...gradients, ...updated]) tensor.dispose();
  });

  it('keeps a weight whose memory is shared, and reuses the memory of one that is not', () => {
    tidy(() => {
      const weight = tidy(() => variable(ones([5])));
      const copy = weight.clone();
      const options = { ...ATTRIBUTES, rates: [1], decays: [0] };
      const update = () => adamw([zeros([5]), zeros([5]), weight as Tensor, ones([5])], options)[0]!;
      const first = update();
      expect(copy).toBeAllClose(ones([5]), { atol: 0, rtol: 0 });
      expect(weight).toBeAllClose(ones([5]), { atol: 0, rtol: 0 });
      weight.assign(first);
      first.dispose();
      const { dataId } = weight;
      weight.assign(update());
      expect(weight.dataId).toBe(dataId);
      expect(copy).toBeAllClose(ones([5]), { atol: 0, rtol: 0 });
      weight.dispose();
    });
  });

  it('names moments and gradients of the wrong shape', () => {
    tidy(() => {
      const options = { ...ATTRIBUTES, rates: [1], decays: [0] };
      expect(() => adamw([zeros([3]), zeros([4]), zeros([4]), zeros([4])], options)).toThrow(
        'AdamW on wasm: expected moments of shape [4], got [3]',
      );
      expect(() => adamw([zeros([4]), zeros([4]), zeros([2, 2]), zeros([4])], options)).toThrow(
        'AdamW on wasm: expected gradient 0 of shape [2,2], got [4]',
      );
    });
  });
});

describe('GlobalNorm on wasm', () => {
  it('is the length of all inputs laid end to end', () => {
    tidy(() => {
      expect(globalNorm([tensor1d([3, 0, 0, 0, 4]), zeros([0]), mul(ones([]), -12)])).toBeAllClose([13]);
      expect(globalNorm([])).toBeAllClose([0]);
    });
  });

  it('keeps its digits over a million entries', () => {
    tidy(() => {
      expect(globalNorm([mul(ones([1_000_003]), 0.1)])).toBeAllClose([0.1 * Math.sqrt(1_000_003)], {
        rtol: 1e-6,
        atol: 0,
      });
    });
  });
});
