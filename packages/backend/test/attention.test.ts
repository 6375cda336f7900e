import {
  add,
  engine,
  grads,
  matMul,
  mul,
  type NamedTensorMap,
  ones,
  randomNormal,
  reshape,
  slice,
  softmax,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectLikeReference } from './compare-engines.js';

const SCALE = 0.3;
type Attend = (...inputs: Tensor[]) => Tensor;

const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);
const byName = (names: readonly string[], tensors: readonly Tensor[]): NamedTensorMap =>
  Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));

function attend(names: readonly string[], heads: number, inputs: readonly Tensor[]): Tensor[] {
  return engine().runKernel('Attention', byName(names, inputs), { scale: SCALE, heads }) as Tensor[];
}

/**
 * Compares the kernels with the composition on the reference engine, forward and backward. The last input is the
 * output's gradient.
 */
async function expectAttention(
  names: readonly string[],
  heads: number,
  composed: Attend,
  inputs: () => Tensor[],
): Promise<void> {
  const given = (all: Tensor[]) => all.slice(0, -1);
  await expectLikeReference(
    (...all) => attend(names, heads, given(all)).slice(0, 1),
    (...all) => [composed(...given(all))],
    inputs(),
  );
  await expectLikeReference(
    (...all) => {
      const weights = attend(names, heads, given(all))[1]!;
      const more = { ...byName(names, all), weights, dy: all.at(-1)! };
      return engine().runKernel('AttentionGradient', more, { scale: SCALE, heads }) as Tensor[];
    },
    (...all) => grads((...tracked) => sum(mul(composed(...tracked), all.at(-1)!)))(given(all)),
    inputs(),
    { atol: 1e-4, rtol: 1e-3 },
  );
}

const plain: Attend = (query, key, value, bias) => {
  const logits = mul(matMul(query!, key!, false, true), SCALE);
  return matMul(softmax(bias === undefined ? logits : add(logits, bias)), value!);
};
const split = (x: Tensor, heads: number, part: number, parts: number): Tensor => {
  const [batch, length, columns] = x.shape as [number, number, number];
  const width = columns / parts;
  const cut = reshape(slice(x, [0, 0, part * width], [batch, length, width]), [batch, length, heads, width / heads]);
  return transpose(cut, [0, 2, 1, 3]);
};
const merge = (x: Tensor): Tensor => {
  const [batch, heads, length, dim] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * dim]);
};

describe('Attention on wasm', () => {
  // [B, H, L, S, D]: single rows, sources and widths; odd sizes; more rows than a block of scores.
  it.each([
    [1, 1, 1, 1, 1],
    [2, 3, 4, 8, 8],
    [2, 2, 5, 7, 3],
    [1, 2, 2, 9, 12],
    [2, 1, 3, 17, 20],
    [1, 1, 70, 130, 6],
    [1, 1, 5, 1, 4],
  ])('[B %i, H %i, L %i, S %i, D %i] equals its composition, forward and backward', async (b, h, l, s, d) => {
    const separate = () => [random([b, h, l, d], 1), random([b, h, s, d], 2), random([b, h, s, d], 3)];
    const dy = () => random([b, h, l, d], 4);
    await expectAttention(['query', 'key', 'value'], h, plain, () => [...separate(), dy()]);
    for (const biasShape of [
      [b, h, l, s],
      [b, 1, 1, s],
      [1, h, l, s],
      [1, 1, 1, s],
    ]) {
      const inputs = () => [...separate(), random(biasShape, 5), dy()];
      await expectAttention(['query', 'key', 'value', 'bias'], h, plain, inputs);
    }
  });

  it.each([
    [2, 4, 5, 8],
    [1, 1, 1, 1],
    [3, 2, 9, 3],
    [1, 3, 40, 4],
  ])('[B %i, H %i, S %i, D %i] reads queries, keys and values side by side', async (b, h, s, d) => {
    const composed: Attend = (packed, bias) =>
      merge(plain(...([0, 1, 2].map((part) => split(packed!, h, part, 3)) as [Tensor]), ...(bias ? [bias] : [])));
    const packed = () => random([b, s, 3 * h * d], 1);
    const dy = () => random([b, s, h * d], 2);
    await expectAttention(['packed'], h, composed, () => [packed(), dy()]);
    await expectAttention(['packed', 'bias'], h, composed, () => [packed(), random([b, 1, 1, s], 3), dy()]);
  });

  it('reads a separate query, with keys and values side by side', async () => {
    const composed: Attend = (query, packed) =>
      merge(plain(split(query!, 2, 0, 1), split(packed!, 2, 0, 2), split(packed!, 2, 1, 2)));
    const inputs = () => [random([3, 2, 8], 1), random([3, 7, 16], 2), random([3, 2, 8], 3)];
    await expectAttention(['query', 'packed'], 2, composed, inputs);
  });

  it.each([
    [2, 2, 0, 3, 4],
    [0, 2, 3, 3, 4],
    [2, 0, 3, 3, 4],
    [1, 2, 3, 0, 4],
    [1, 2, 3, 5, 0],
  ])('[B %i, H %i, L %i, S %i, D %i] is empty or zero, with gradients of zero', (b, h, l, s, d) => {
    tidy(() => {
      const inputs = [
        random([b, h, l, d], 1),
        random([b, h, s, d], 2),
        random([b, h, s, d], 3),
        random([1, h, 1, s], 4),
      ];
      const names = ['query', 'key', 'value', 'bias'];
      const [output, weights] = attend(names, h, inputs) as [Tensor, Tensor];
      expect(output).toBeAllClose(zeros([b, h, l, d]));
      const more = { ...byName(names, inputs), weights, dy: ones([b, h, l, d]) };
      const gradients = engine().runKernel('AttentionGradient', more, { scale: SCALE, heads: h }) as Tensor[];
      for (const [i, gradient] of gradients.entries()) expect(gradient).toBeAllClose(zeros(inputs[i]!.shape));
    });
  });

  it('gives masked sources a weight of exactly 0, and averages if all are masked', () => {
    tidy(() => {
      const [query, key, value] = [random([1, 1, 2, 4], 1), random([1, 1, 3, 4], 2), random([1, 1, 3, 4], 3)];
      const names = ['query', 'key', 'value', 'bias'];
      const only = reshape(tensor1d([-1e9, 0, -1e9]), [1, 1, 1, 3]);
      const row = slice(value, [0, 0, 1, 0], [1, 1, 1, 4]);
      const masked = attend(names, 1, [query, key, value, only])[0]!;
      expect(masked).toBeAllClose(mul(ones([1, 1, 2, 1]), row), { atol: 0, rtol: 0 });
      const none = attend(names, 1, [query, key, value, mul(ones([1, 1, 1, 3]), -1e9)])[0]!;
      expect(none).toBeAllClose(mul(ones([1, 1, 2, 1]), mul(sum(value, 2, true), 1 / 3)));
    });
  });

  it('names the input that does not fit', () => {
    tidy(() => {
      const query = zeros([1, 2, 3, 4]);
      expect(() => attend(['query', 'key', 'value'], 2, [query, zeros([1, 2, 5, 4]), zeros([1, 2, 6, 4])])).toThrow(
        'Attention on wasm: expected value of shape [1,2,5,4], got [1,2,6,4]',
      );
      expect(() => attend(['packed'], 2, [zeros([1, 3, 10])])).toThrow(
        'Attention on wasm: expected packed of shape [B, S, 3 · 2 · D], got [1,3,10]',
      );
      expect(() => attend(['packed', 'bias'], 1, [zeros([1, 3, 6]), zeros([1, 1, 3, 1])])).toThrow(
        'Attention on wasm: expected a bias that broadcasts to [1,1,3,3], got [1,1,3,1]',
      );
    });
  });
});
