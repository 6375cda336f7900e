import { ImageEncoder, TextEncoder } from '@sifaka/encoders';
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
