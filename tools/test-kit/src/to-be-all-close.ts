import { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

interface Tolerance {
  readonly atol?: number;
  readonly rtol?: number;
}

export interface CloseMatchers<R = unknown> {
  /**
   * Checks for the same shape and `|received − expected| ≤ atol + rtol · |expected|`. Defaults: atol 1e-5, rtol 1e-5.
   */
  toBeAllClose(expected: Tensor | ArrayLike<number> | NestedNumbers, tolerance?: Tolerance): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: a merged declaration must repeat vitest's own type parameter.
  interface Matchers<T = any> extends CloseMatchers<T> {}
}

export type NestedNumbers = readonly (number | NestedNumbers)[];

/** Compares tensors, typed arrays and nested arrays of numbers. Compares shapes if both sides have one. */
export function toBeAllClose(
  received: Tensor | ArrayLike<number> | NestedNumbers,
  expected: Tensor | ArrayLike<number> | NestedNumbers,
  { atol = 1e-5, rtol = 1e-5 }: Tolerance = {},
): { pass: boolean; message: () => string } {
  const a = flatten(received);
  const b = flatten(expected);
  if (a.shape !== undefined && b.shape !== undefined && a.shape.join() !== b.shape.join()) {
    return { pass: false, message: () => `expected shape [${b.shape}], got [${a.shape}]` };
  }
  if (a.values.length !== b.values.length) {
    return { pass: false, message: () => `expected ${b.values.length} values, got ${a.values.length}` };
  }
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < a.values.length; i++) {
    const x = a.values[i]!;
    const y = b.values[i]!;
    if (Object.is(x, y) || (Number.isNaN(x) && Number.isNaN(y)) || x === y) continue;
    const excess = Math.abs(x - y) - (atol + rtol * Math.abs(y));
    if (!(excess <= 0) && !(excess <= worstExcess)) {
      worst = i;
      worstExcess = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
    }
  }
  return {
    pass: worst < 0,
    message: () =>
      worst < 0
        ? 'expected values to differ, but they are all close'
        : `expected ${b.values[worst]} at ${worst}, got ${a.values[worst]} (atol ${atol}, rtol ${rtol})`,
  };
}

function flatten(value: Tensor | ArrayLike<number> | NestedNumbers): { values: ArrayLike<number>; shape?: number[] } {
  if (value instanceof Tensor) return { values: value.dataSync(), shape: value.shape };
  if (ArrayBuffer.isView(value)) return { values: value as unknown as ArrayLike<number> };
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  return {
    values: (value as number[]).flat(Number.POSITIVE_INFINITY) as number[],
    ...(shape.length > 1 ? { shape } : {}),
  };
}

expect.extend({ toBeAllClose });
