import { compareTensors, type HostTensor, type Tolerance } from '@sifaka/engine-contract';
import { describe, expect, test } from 'vitest';

const CLOSE: Tolerance = { relative: 1e-6, scale: 'value' };
const SUMMED: Tolerance = { relative: 1e-6, scale: 'tensor' };

function floats(...values: readonly number[]): HostTensor {
  return { shape: [values.length], dtype: 'float32', values: Float32Array.from(values) };
}

describe('a comparison', () => {
  test('accepts equal NaNs and infinities, and zeros of either sign', () => {
    const values = floats(Number.NaN, Number.POSITIVE_INFINITY, 0, 1);
    const same = floats(Number.NaN, Number.POSITIVE_INFINITY, -0, 1);
    expect(compareTensors(same, values, { relative: 0, scale: 'value' })).toEqual({ error: 0 });
  });

  test('refuses an unexpected NaN, infinity or sign', () => {
    const pairs = [
      [Number.NaN, 1],
      [1, Number.NaN],
      [Infinity, -Infinity],
      [Infinity, 3e38],
      [0, Number.NaN],
    ];
    for (const [got, expected] of pairs) {
      expect(compareTensors(floats(got!), floats(expected!), CLOSE).failure, `${got}, ${expected}`).toMatch(/expected/);
    }
  });

  test('refuses another shape, another type and a missing gradient', () => {
    const two = floats(1, 2);
    expect(compareTensors({ ...two, shape: [2, 1] }, two, CLOSE).failure).toMatch(
      /float32 \[2\], got float32 \[2, 1\]/,
    );
    const whole: HostTensor = { shape: [2], dtype: 'int32', values: Int32Array.of(1, 2) };
    expect(compareTensors(whole, two, CLOSE).failure).toMatch(/got int32/);
    expect(compareTensors(undefined, two, CLOSE).failure).toMatch(/got none/);
    expect(compareTensors(undefined, undefined, CLOSE)).toEqual({ error: 0 });
  });

  test('measures errors relative to each value or to the largest value of the tensor', () => {
    const [got, expected] = [floats(1000, 1.0001), floats(1000, 1)];
    expect(compareTensors(got, expected, CLOSE).failure).toMatch(/1 at 1/);
    expect(compareTensors(got, expected, SUMMED)).toEqual({ error: expect.closeTo(1e-7, 8) });
  });

  test('treats values smaller than a normal float32 as 0', () => {
    expect(compareTensors(floats(0), floats(5e-39), { relative: 0, scale: 'value' })).toEqual({ error: 0 });
  });

  test('skips values that are not finite only with onlyFinite', () => {
    const [got, expected] = [floats(0, 2), floats(Number.NaN, 1)];
    expect(compareTensors(got, expected, CLOSE, { onlyFinite: true }).failure).toMatch(/expected 1 at 1/);
    expect(compareTensors(floats(0, 1), expected, CLOSE, { onlyFinite: true }).failure).toBeUndefined();
  });
});
