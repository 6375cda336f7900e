import { compareTensors, type HostTensor, type Tolerance } from '@sifaka/engine-contract';
import { describe, expect, test } from 'vitest';

const CLOSE: Tolerance = { relative: 1e-6, scale: 'value' };
const SUMMED: Tolerance = { relative: 1e-6, scale: 'tensor' };

function floats(...values: readonly number[]): HostTensor {
  return { shape: [values.length], dtype: 'float32', values: Float32Array.from(values) };
}

describe('a comparison', () => {
  test('lets NaN be NaN, an infinity itself, and zeros have either sign', () => {
    const values = floats(Number.NaN, Number.POSITIVE_INFINITY, 0, 1);
    const same = floats(Number.NaN, Number.POSITIVE_INFINITY, -0, 1);
    expect(compareTensors(same, values, { relative: 0, scale: 'value' })).toEqual({ error: 0 });
  });

  test('refuses a NaN, an infinity or a sign in the wrong place', () => {
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

  test('measures an error by its value, or by the largest of the tensor where sums cancel', () => {
    const [got, expected] = [floats(1000, 1.0001), floats(1000, 1)];
    expect(compareTensors(got, expected, CLOSE).failure).toMatch(/1 at 1/);
    expect(compareTensors(got, expected, SUMMED)).toEqual({ error: expect.closeTo(1e-7, 8) });
  });

  test('takes what is smaller than a normal float32 for 0', () => {
    expect(compareTensors(floats(0), floats(5e-39), { relative: 0, scale: 'value' })).toEqual({ error: 0 });
  });

  test('leaves out what is not finite only where it is told to', () => {
    const [got, expected] = [floats(0, 2), floats(Number.NaN, 1)];
    expect(compareTensors(got, expected, CLOSE, { onlyFinite: true }).failure).toMatch(/expected 1 at 1/);
    expect(compareTensors(floats(0, 1), expected, CLOSE, { onlyFinite: true }).failure).toBeUndefined();
  });
});
