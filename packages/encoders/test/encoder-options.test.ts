import { ImageEncoder, TextEncoder } from '@sifaka/encoders';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const image = { height: 8, width: 8, patchSize: 4, dim: 4, depth: 1, heads: 1, seed: 1 };
const text = { vocabularySize: 9, maxLength: 4, dim: 4, depth: 1, heads: 1, seed: 1 };

describe.each([
  ['ImageEncoder', (options: typeof image) => new ImageEncoder(options), image],
  ['TextEncoder', (options: typeof text) => new TextEncoder(options), text],
] as [string, (options: object) => unknown, Record<string, number>][])('%s', (where, build, valid) => {
  it.each(Object.keys(valid).filter((name) => name !== 'seed'))(
    'refuses %s unless it is a whole number from 1',
    (name) => {
      for (const wrong of [0, -4, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => build({ ...valid, [name]: wrong })).toThrow(
          new RangeError(`${where}: expected ${name} to be a whole number from 1, got ${wrong}`),
        );
      }
    },
  );

  it('refuses heads that do not divide dim, and leaves no tensor', () => {
    const before = memory().numTensors;
    expect(() => build({ ...valid, heads: 3 })).toThrow('expected heads to divide dim 4, got 3');
    expect(memory().numTensors).toBe(before);
  });

  it('refuses a seed that is not a whole number', () => {
    expect(() => build({ ...valid, seed: 0.5 })).toThrow(`${where}: expected seed to be a whole number, got 0.5`);
  });
});

it('TextEncoder.forward refuses texts of no tokens', () => {
  const encoder = new TextEncoder(text);
  expect(() => encoder.forward({ ids: new Int32Array(0), length: 0, lengths: Int32Array.of(0) })).toThrow(
    'TextEncoder.forward: expected length to be a whole number from 1, got 0',
  );
  encoder.dispose();
});

describe('defaults', () => {
  it('of ImageEncoder are patches of 8, two blocks and four heads', () => {
    const options = { height: 16, width: 24, dim: 8, seed: 3 };
    const encoders = [new ImageEncoder(options), new ImageEncoder({ ...options, patchSize: 8, depth: 2, heads: 4 })];
    const pixels = Uint8Array.from({ length: 16 * 24 * 3 }, (_, i) => (i * 37) % 256);
    const [ours, explicit] = encoders.map((encoder) => encoder.forward(pixels));
    expect(ours!.tokens).toBeAllClose(explicit!.tokens, { atol: 0, rtol: 0 });
    expect(encoders[0]!.numTokens).toBe(6);
    for (const encoded of [ours!, explicit!]) for (const tensor of Object.values(encoded)) tensor.dispose();
    for (const encoder of encoders) encoder.dispose();
  });

  it('of TextEncoder are two blocks and four heads', () => {
    const options = { vocabularySize: 9, maxLength: 4, dim: 8, seed: 3 };
    const encoders = [new TextEncoder(options), new TextEncoder({ ...options, depth: 2, heads: 4 })];
    const batch = { ids: Int32Array.of(4, 8, 1), length: 3, lengths: Int32Array.of(3) };
    const [ours, explicit] = encoders.map((encoder) => encoder.forward(batch));
    expect(ours!.tokens).toBeAllClose(explicit!.tokens, { atol: 0, rtol: 0 });
    for (const encoded of [ours!, explicit!]) for (const tensor of Object.values(encoded)) tensor.dispose();
    for (const encoder of encoders) encoder.dispose();
  });
});
