import type { HostTensor } from './contract-case.js';
import type { Evaluation } from './evaluate-case.js';
import type { Tolerance } from './tolerances.js';

/** How far an engine is from the reference. */
export interface Comparison {
  /** Largest relative errors met. */
  readonly outputError: number;
  readonly gradientError: number;
  /** One line per tensor that is out of tolerance. */
  readonly failures: readonly string[];
}

export interface CompareOptions {
  readonly tolerance: Tolerance;
  /** For gradients; they may sum where the operation itself does not. */
  readonly gradientTolerance: Tolerance;
  /** What counts as cancelled to nothing. Default: nothing for single values, 0.01 for tensors. */
  readonly magnitude?: number;
  /** Leaves out the places where the reference is not finite. Default false. */
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
  if (got.outputs.length !== expected.outputs.length) failures.push('another number of outputs');
  const outputErrors = expected.outputs.map((output, i) => errorOf(`output ${i}`, got.outputs[i], output, tolerance));
  const gradientErrors = Array.from(expected.gradients, ([name, gradient]) =>
    errorOf(`gradient of ${name}`, got.gradients.get(name), gradient, gradientTolerance),
  );
  return { outputError: Math.max(0, ...outputErrors), gradientError: Math.max(0, ...gradientErrors), failures };
}

/** The error is relative to each value, or to the largest of the tensor where sums cancel. */
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
  const failure = `expected ${expected.values[at]} at ${at} of [${expected.shape}], got ${got.values[at]} (relative error ${error.toExponential(1)}, allowed ${relative})`;
  return { error, failure };
}

function relativeError(got: number, expected: number, floor: number): number {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(expected)) return Number.POSITIVE_INFINITY;
  if (Math.abs(got) < SMALLEST && Math.abs(expected) < SMALLEST) return 0;
  return Math.abs(got - expected) / Math.max(Math.abs(expected), floor);
}

/** GPUs and SIMD units may take what is smaller than a normal float32 for 0. */
const SMALLEST = 2 ** -126;

function largestFinite(values: ArrayLike<number>, magnitude: number): number {
  let largest = magnitude;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) largest = Math.max(largest, Math.abs(values[i]!));
  }
  return largest;
}
