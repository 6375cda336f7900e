import { CrossAttention, paddingBias, SelfAttention, ShapeError } from '@sifaka/nn';
import { checkGradient, expectSeededModule, normal } from '@sifaka/test-kit';
import {
  add,
  concat,
  gather,
  memory,
  mul,
  ones,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tensor2d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const OPTIONS = { dim: 8, sourceDim: 6, heads: 2, seed: 1 };

/** Runs with a module and disposes it. */
function withAttention(run: (attention: CrossAttention) => void, options = OPTIONS): void {
  const attention = new CrossAttention(options);
  tidy(() => run(attention));
  attention.dispose();
}

describe('CrossAttention', () => {
  it('equals self-attention with the same weights if queries and source are the same tokens', () => {
    const scale = 0.2;
    const cross = new CrossAttention({ dim: 8, heads: 2, scale, seed: 1 });
    const self = new SelfAttention({ dim: 8, heads: 2, scale, seed: 2 });
    tidy(() => {
      self.input.weight.assign(concat([cross.query.weight as Tensor, cross.source.weight as Tensor], 1));
      self.output.weight.assign(cross.output.weight as Tensor);
      const tokens = normal([2, 5, 8], 3);
      const mask = tensor2d([1, 1, 1, 0, 1, 1, 0, 0, 0, 1], [2, 5]);
      expect(cross.forward(tokens, tokens)).toBeAllClose(self.forward(tokens), { atol: 1e-5 });
      expect(cross.forward(tokens, tokens, { mask })).toBeAllClose(self.forward(tokens, { bias: paddingBias(mask) }), {
        atol: 1e-5,
      });
    });
    cross.dispose();
    self.dispose();
  });

  it('ignores the order of the source and its masked tokens', () => {
    withAttention((attention) => {
      const [queries, source] = [normal([2, 3, 8], 2), normal([2, 4, 6], 3)];
      const expected = attention.forward(queries, source);
      expect(attention.forward(queries, gather(source, [2, 0, 3, 1], 1))).toBeAllClose(expected, { atol: 1e-5 });
      const padded = concat([source, mul(normal([2, 2, 6], 4), 50)], 1);
      const mask = concat([ones([2, 4]), zeros([2, 2])], 1);
      expect(attention.forward(queries, padded, { mask })).toBeAllClose(expected, { atol: 1e-5 });
    });
  });

  it('reads zeros where every token is masked or there is none', () => {
    withAttention((attention) => {
      attention.output.bias!.assign(normal([8], 9));
      const [queries, source] = [normal([2, 3, 8], 2), normal([2, 4, 6], 3)];
      const mask = tensor2d([1, 1, 1, 1, 0, 0, 0, 0], [2, 4]);
      const output = attention.forward(queries, source, { mask });
      const nothing = add(zeros([1, 3, 8]), attention.output.bias!);
      expect(slice(output, 1, 1)).toBeAllClose(nothing, { atol: 1e-6 });
      expect(slice(output, 0, 1)).not.toBeAllClose(nothing, { atol: 1e-2 });
      expect(slice(attention.forward(queries, zeros([2, 0, 6])), 0, 1)).toBeAllClose(nothing, { atol: 1e-6 });
    });
  });

  it('matches finite differences in queries and source', () => {
    withAttention((attention) => {
      const upstream = normal([2, 2, 8], 4);
      const mask = tensor2d([1, 1, 0, 1, 1, 1], [2, 3]);
      checkGradient(
        (queries, source) => sum(mul(attention.forward(queries!, source!, { mask }), upstream)) as Scalar,
        [normal([2, 2, 8], 2), normal([2, 3, 6], 3)],
      );
    });
  });

  it('draws its weights from the seed and disposes them', () => {
    expectSeededModule(
      (seed) => new CrossAttention({ ...OPTIONS, seed }),
      (attention) => attention.forward(ones([1, 2, 8]), normal([1, 3, 6], 1)),
    );
  });

  it('names a tensor of another shape', () => {
    withAttention((attention) => {
      const [queries, source] = [zeros([2, 3, 8]), zeros([2, 4, 6])];
      expect(() => attention.forward(zeros([2, 3, 7]), source)).toThrow(
        new ShapeError('CrossAttention.forward: queries', '[B, L, 8]', [2, 3, 7]),
      );
      expect(() => attention.forward(queries, zeros([1, 4, 6]))).toThrow(
        new ShapeError('CrossAttention.forward: source', '[2, S, 6]', [1, 4, 6]),
      );
      expect(() => attention.forward(queries, source, { mask: ones([2, 3]) })).toThrow(
        new ShapeError('CrossAttention.forward: mask', '[2, 4]', [2, 3]),
      );
    });
  });

  it.each<[Partial<typeof OPTIONS> & { readonly scale?: number }, string]>([
    [{ dim: 0 }, 'dim to be a whole number from 1, got 0'],
    [{ sourceDim: 1.5 }, 'sourceDim to be a whole number from 1, got 1.5'],
    [{ heads: 3 }, 'heads to divide dim 8, got 3'],
    [{ scale: Number.NaN }, 'scale to be a number from 0, got NaN'],
    [{ seed: 0.5 }, 'seed to be a whole number, got 0.5'],
  ])('refuses %o before it creates a weight', (wrong, message) => {
    const before = memory().numTensors;
    expect(() => new CrossAttention({ ...OPTIONS, ...wrong })).toThrow(
      new RangeError(`CrossAttention: expected ${message}`),
    );
    expect(memory().numTensors).toBe(before);
  });
});

describe('SelfAttention with a scale', () => {
  it('equals plain self-attention whose queries are larger by the ratio', () => {
    const [plain, scaled] = [undefined, 0.1].map(
      (scale) => new SelfAttention({ dim: 4, heads: 2, ...(scale !== undefined && { scale }), seed: 1 }),
    );
    tidy(() => {
      const tokens = normal([1, 3, 4], 2);
      const ratio = 0.1 * Math.sqrt(2);
      const query = tensor2d([[...Array(4).fill(ratio), ...Array(8).fill(1)]]);
      expect(scaled!.forward(tokens)).not.toBeAllClose(plain!.forward(tokens), { atol: 1e-3 });
      plain!.input.weight.assign(mul(plain!.input.weight, query));
      expect(scaled!.forward(tokens)).toBeAllClose(plain!.forward(tokens), { atol: 1e-6 });
      expect(scaled!.forward(tokens, { queries: 1 })).toBeAllClose(plain!.forward(tokens, { queries: 1 }));
      expect(scaled!.frozenView().forward(tokens)).toBeAllClose(scaled!.forward(tokens), { atol: 0, rtol: 0 });
    });
    plain!.dispose();
    scaled!.dispose();
  });

  it('refuses one that is not a number from 0', () => {
    expect(() => new SelfAttention({ dim: 4, heads: 2, scale: -1, seed: 1 })).toThrow(
      new RangeError('SelfAttention: expected scale to be a number from 0, got -1'),
    );
  });
});
