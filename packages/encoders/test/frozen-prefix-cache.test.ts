import {
  FineTunedEncoder,
  FrozenPrefixCache,
  ImageEncoder,
  type LayeredEncoder,
  pixelRows,
  TextEncoder,
  type TokenBatch,
  tokenRows,
} from '@sifaka/encoders';
import { seededRandom } from '@sifaka/nn';
import {
  add,
  mul,
  profile,
  reshape,
  type Scalar,
  square,
  sum,
  type Tensor,
  tensor4d,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const CLOSE = { atol: 1e-6, rtol: 1e-6 };
const makeText = () => new TextEncoder({ vocabularySize: 9, maxLength: 6, dim: 8, depth: 3, heads: 2, seed: 1 });
const makeImage = () => new ImageEncoder({ height: 8, width: 8, patchSize: 4, dim: 8, depth: 3, heads: 2, seed: 1 });

function texts(rows: readonly (readonly number[])[], length: number): TokenBatch {
  const ids = Int32Array.from(rows.flatMap((row) => Array.from({ length }, (_, i) => row[i] ?? 0)));
  return { ids, length, lengths: Int32Array.from(rows, (row) => row.length) };
}

function images(...colours: number[]): Uint8Array {
  return Uint8Array.from(colours.flatMap((colour) => Array.from({ length: 192 }, (_, i) => (colour * (i + 1)) % 256)));
}

describe.each([{ kind: 'top', blocks: 1 }, { kind: 'frozen' }] as const)('an encoder with a cache, %o', (train) => {
  it('gives the tokens and gradients of one without, for texts that were seen, new ones, and both', () => {
    const cache = new FrozenPrefixCache();
    const [plain, cached] = [undefined, cache].map(
      (each) => new FineTunedEncoder(makeText(), { train, cache: each, seed: 1 }),
    );
    const batches = [
      texts([[1, 2, 3], [4]], 3),
      texts([[4], [1, 2, 3], [4]], 5), // seen, with other padding, and one twice
      texts([[5, 6], [1, 2, 3], [], [5, 6]], 4), // new, seen, empty
      texts([[]], 1),
    ];
    for (const batch of batches) {
      tidy(() => {
        const [expected, got] = [plain!.forward(batch), cached!.forward(batch)];
        const present = reshape(expected.mask, [batch.lengths.length, batch.length, 1]);
        expect(got.mask).toBeAllClose(expected.mask, { atol: 0, rtol: 0 });
        expect(mul(got.tokens, present)).toBeAllClose(mul(expected.tokens, present), CLOSE);
        if (train.kind === 'frozen') return;
        const gradients = [plain!, cached!].map((encoder) => {
          const loss = () => {
            const { tokens, mask } = encoder.forward(batch);
            return sum(mul(sum(square(tokens), -1), mask)) as Scalar;
          };
          const { grads } = variableGrads(loss, [...encoder.parameters.values()]);
          return [...encoder.parameters.values()].map(({ name }) => grads[name]!);
        });
        gradients[0]!.forEach((gradient, i) => {
          expect(gradients[1]![i]!).toBeAllClose(gradient, { atol: 1e-5, rtol: 1e-5 });
        });
      });
    }
    expect(cache.counts.rows).toBe(4);
    for (const encoder of [plain!, cached!]) encoder.dispose();
  });

  it('gives the tokens of one without, for images', () => {
    const cache = new FrozenPrefixCache();
    const [plain, cached] = [undefined, cache].map(
      (each) => new FineTunedEncoder(makeImage(), { train, cache: each, seed: 1 }),
    );
    for (const batch of [images(1, 2), images(2, 3, 1, 3)]) {
      tidy(() => {
        expect(cached!.forward(batch).tokens).toBeAllClose(plain!.forward(batch).tokens, CLOSE);
      });
    }
    expect(cache.counts).toMatchObject({ rows: 3, bytes: 3 * 4 * 8 * 4 });
    for (const encoder of [plain!, cached!]) encoder.dispose();
  });
});

describe('FrozenPrefixCache', () => {
  it('runs the frozen layers once per content', async () => {
    const encoder = new FineTunedEncoder(makeText(), {
      train: { kind: 'frozen' },
      cache: new FrozenPrefixCache(),
      seed: 1,
    });
    const kernels = async (batch: TokenBatch) => {
      const { kernels } = await profile(() => {
        const { tokens, mask, pooled } = encoder.forward(batch);
        for (const tensor of [tokens, mask, pooled]) tensor.dispose();
      });
      return kernels.filter(({ name }) => ['Linear', '_FusedMatMul', 'BatchMatMul'].includes(name)).length;
    };
    expect(await kernels(texts([[1, 2], [3]], 2))).toBeGreaterThanOrEqual(3 * 4);
    expect(await kernels(texts([[3], [1, 2]], 2))).toBe(1); // the mean of the tokens
    expect(encoder.cache!.counts).toMatchObject({ hits: 2, misses: 2 });
    encoder.dispose();
  });

  it('forgets its rows when a frozen weight changes, and not when another learns', () => {
    const cache = new FrozenPrefixCache();
    const encoder = new FineTunedEncoder(makeText(), { train: { kind: 'top', blocks: 1 }, cache, seed: 1 });
    const batch = texts([[1, 2], [3]], 2);
    const run = () => tidy(() => Float32Array.from(encoder.forward(batch).tokens.dataSync()));
    const before = run();
    for (const variable of encoder.parameters.values()) tidy(() => variable.assign(add(variable as Tensor, 0.5)));
    run();
    expect(cache.counts).toMatchObject({ hits: 2, misses: 2 });
    const [frozen] = encoder.frozenParameters.values();
    tidy(() => frozen!.assign(mul(frozen as Tensor, -2)));
    expect(run()).not.toEqual(before);
    expect(cache.counts).toMatchObject({ rows: 2, hits: 2, misses: 4 });
    encoder.dispose();
  });

  it('drops the rows that were read longest ago', () => {
    const cache = new FrozenPrefixCache({ maxBytes: 24 });
    for (const key of ['a', 'b', 'c']) cache.write(key, new Float32Array(2));
    cache.read('a');
    cache.write('d', new Float32Array(2));
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.read(key) !== undefined)).toEqual(['a', 'c', 'd']);
    cache.write('a', new Float32Array(4));
    expect(cache.counts).toMatchObject({ rows: 2, bytes: 24 });
    cache.write('large', new Float32Array(7)); // more than all may take: it is not kept, and drops nothing
    expect(cache.counts).toMatchObject({ rows: 2, bytes: 24 });
    expect(cache.read('large')).toBeUndefined();
    cache.write('a', new Float32Array(7));
    expect(cache.counts).toMatchObject({ rows: 1, bytes: 8 });
    expect(() => new FrozenPrefixCache({ maxBytes: -1 })).toThrow('FrozenPrefixCache: expected maxBytes');
  });

  it('checks inputs whose rows are all kept', () => {
    const makeCached = <Input>(encoder: LayeredEncoder<Input>) =>
      new FineTunedEncoder(encoder, { train: { kind: 'frozen' }, cache: new FrozenPrefixCache(), seed: 1 });
    const [text, image] = [makeCached(makeText()), makeCached(makeImage())];
    tidy(() => {
      text.forward(texts([[1, 2]], 2));
      image.forward(images(1));
    });
    const types = new Int32Array(3);
    const bad: [Partial<TokenBatch>, string][] = [
      [{ length: 7, ids: new Int32Array(7).fill(1) }, 'TextEncoder.forward'], // longer than the positions
      [{ ids: Int32Array.from([1, 2, 3]) }, 'TextEncoder.forward: ids'],
      [{ ids: Int32Array.from([1, 2, 99]), length: 3 }, 'expected ids in 0 … 8, got 99'], // padding
      [{ lengths: Int32Array.from([3]) }, 'row 0: expected 0 … 2 tokens'],
    ];
    for (const [part, message] of bad) {
      expect(() => text.forward({ ...texts([[1, 2]], 2), ...part })).toThrow(message);
    }
    const typed = makeCached(
      new TextEncoder({ vocabularySize: 9, maxLength: 6, tokenTypes: 2, dim: 8, depth: 1, heads: 2, seed: 1 }),
    );
    tidy(() => {
      typed.forward({ ...texts([[1, 2]], 2), types: new Int32Array(2) });
    });
    expect(() => typed.forward({ ...texts([[1, 2]], 2), types })).toThrow('TextEncoder.forward: types');
    expect(() => image.forward(new Uint8Array([...images(1), 5]))).toThrow('ImageEncoder.forward: bytes');
    for (const encoder of [text, image, typed]) encoder.dispose();
  });

  it('does not keep what comes from tensors', () => {
    const cache = new FrozenPrefixCache();
    const encoder = new FineTunedEncoder(makeImage(), { train: { kind: 'frozen' }, cache, seed: 1 });
    tidy(() => {
      const pixels = tensor4d(Float32Array.from(images(1)), [1, 8, 8, 3]);
      expect(encoder.forward(pixels).tokens).toBeAllClose(encoder.forward(images(1)).tokens, CLOSE);
    });
    expect(cache.counts).toMatchObject({ rows: 1, misses: 1 });
    encoder.dispose();
  });
});

describe('keys of input rows', () => {
  it('are equal for equal contents only', () => {
    expect(tokenRows.keys(texts([[1, 2], [1, 2, 0], [2, 1], [], [1]], 3))).toEqual(
      expect.arrayContaining(tokenRows.keys(texts([[1], [], [1, 2]], 6))!.map(String)),
    );
    const typed = (types: number[]) => tokenRows.keys({ ...texts([[1, 2]], 2), types: Int32Array.from(types) })![0];
    expect(new Set([typed([0, 1]), typed([1, 0]), typed([1, 1])]).size).toBe(3);
    expect(typed([0, 0])).toBe(tokenRows.keys(texts([[1, 2]], 2))![0]);
    const rows = pixelRows(8, 8);
    const [a, b, c] = rows.keys(images(1, 2, 1))!;
    expect(a).toBe(c);
    expect(a).not.toBe(b);
    expect(a).toMatch(/^[0-9a-f]{32}$/);
    expect(rows.select(images(1, 2, 3), [2, 0])).toEqual(images(3, 1));
  });

  it('differ for contents that differ in one bit, at any place', () => {
    const random = seededRandom(1);
    const bytes = Uint8Array.from({ length: 192 }, () => 256 * random());
    const found = new Set(pixelRows(8, 8).keys(bytes));
    const lanes = Array.from({ length: 4 }, () => new Set<string>());
    for (let bit = 0; bit < 192 * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const [key] = pixelRows(8, 8).keys(flipped)!;
      found.add(key!);
      lanes.forEach((lane, i) => {
        lane.add(key!.slice(8 * i, 8 * i + 8));
      });
    }
    expect(found.size).toBe(1 + 192 * 8);
    for (const lane of lanes) expect(lane.size).toBeGreaterThanOrEqual(192 * 8 - 2);
  });
});
