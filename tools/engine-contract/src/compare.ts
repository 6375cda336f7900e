import type { HostTensor } from './contract-case.js';
import type { Evaluation } from './evaluate-case.js';
import type { Tolerance } from './tolerances.js';

/** Difference of an engine from the reference. */
export interface Comparison {
  /** Largest relative error of an output. */
  readonly outputError: number;
  /** Largest relative error of a gradient. */
  readonly gradientError: number;
  /** One line per tensor out of tolerance. */
  readonly failures: readonly string[];
}

export interface CompareOptions {
  readonly tolerance: Tolerance;
  /** Gradients have their own, because they may sum even if the operation does not. */
  readonly gradientTolerance: Tolerance;
  /** Smallest value that errors are relative to. Default: none for single values, 0.01 for tensors. */
  readonly magnitude?: number;
  /** Skips values that are not finite in the reference. Default false. */
  readonly onlyFinite?: boolean;
}

export function compareEvaluations(
  got: Evaluation,
  expected: Evaluation,
  { tolerance, gradientTolerance, magnitude, onlyFinite = false }: CompareOptions,
): Comparison {
  const failures: string[] = [];
  const errorOf = (where: string, a: HostTensor | undefined, b: HostTensor | undefined, allowed: Tolerance) => {
    const { error, failure } = compareTensors(a, b, allowed, { magnitude, onlyFinite });
    if (failure !== undefined) failures.push(`${where}: ${failure}`);
    return error;
  };
  if (got.outputs.length !== expected.outputs.length)
    failures.push(`expected ${expected.outputs.length} outputs, got ${got.outputs.length}`);
  const outputErrors = expected.outputs.map((output, i) => errorOf(`output ${i}`, got.outputs[i], output, tolerance));
  const gradientErrors = Array.from(expected.gradients, ([name, gradient]) =>
    errorOf(`gradient of ${name}`, got.gradients.get(name), gradient, gradientTolerance),
  );
  return { outputError: Math.max(0, ...outputErrors), gradientError: Math.max(0, ...gradientErrors), failures };
}

/** The error is relative to each value, or to the largest value of the tensor, depending on `scale`. */
export function compareTensors(
  got: HostTensor | undefined,
  expected: HostTensor | undefined,
  { relative, scale }: Tolerance,
  { magnitude, onlyFinite = false }: { readonly magnitude?: number | undefined; readonly onlyFinite?: boolean } = {},
): { error: number; failure?: string } {
  if (got === undefined || expected === undefined) {
    if (got === expected) return { error: 0 };
    return { error: 0, failure: `expected ${expected ? 'a value' : 'none'}, got ${got ? 'a value' : 'none'}` };
  }
  const kind = ({ shape, dtype }: HostTensor) => `${dtype} [${shape.join(', ')}]`;
  if (kind(got) !== kind(expected)) return { error: 0, failure: `expected ${kind(expected)}, got ${kind(got)}` };
  const floor = scale === 'tensor' ? largestFinite(expected.values, magnitude ?? 0.01) : (magnitude ?? SMALLEST);
  let error = 0;
  let at = -1;
  for (let i = 0; i < expected.values.length; i++) {
    if (onlyFinite && !Number.isFinite(expected.values[i]!)) continue;
    const each = relativeError(got.values[i]!, expected.values[i]!, floor);
    if (each > error) {
      error = each;
      at = i;
    }
  }
  if (error <= relative) return { error };
  const errors = `relative error ${error.toExponential(1)}, allowed ${relative}`;
  const failure = `expected ${expected.values[at]} at ${at} of [${expected.shape}], got ${got.values[at]} (${errors})`;
  return { error, failure };
}

function relativeError(got: number, expected: number, floor: number): number {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(expected)) return Number.POSITIVE_INFINITY;
  if (Math.abs(got) < SMALLEST && Math.abs(expected) < SMALLEST) return 0;
  return Math.abs(got - expected) / Math.max(Math.abs(expected), floor);
}

/** Smallest normal float32. GPUs and SIMD units may treat smaller values as 0. */
const SMALLEST = 2 ** -126;

function largestFinite(values: ArrayLike<number>, magnitude: number): number {
  let largest = magnitude;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) largest = Math.max(largest, Math.abs(values[i]!));
  }
  return largest;
}
