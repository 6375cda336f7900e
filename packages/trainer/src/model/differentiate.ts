import type { NamedParameters } from '@sifaka/nn';
import { engine, keep, type Scalar, type Tensor, type Variable, variableGrads } from '@tensorflow/tfjs-core';
import type { BatchRows } from './batch-rows.js';

/** The caller owns every tensor. */
export interface StepGradients {
  /** By path. A weight that the loss does not depend on has none. */
  readonly dense: ReadonlyMap<string, Tensor>;
  /** Of the borrowed rows: `users`, `items`. */
  readonly rows: ReadonlyMap<string, Tensor>;
}

/** The result of a forward pass: the loss to differentiate, and tensors to keep beyond it. */
export interface ForwardResult {
  readonly total: Scalar;
  /** Tensors that the caller of {@link differentiate} owns afterwards. */
  readonly kept: Readonly<Record<string, Tensor | undefined>>;
}

/**
 * Runs a forward pass and differentiates its loss with respect to the weights and, if there are any, the borrowed rows.
 *
 * If the pass throws, nothing of it stays on the device.
 *
 * @returns the loss as a number, the result of the forward pass, whose `total` is disposed, and the gradients.
 */
export function differentiate<Result extends ForwardResult>(
  parameters: NamedParameters,
  rows: BatchRows | undefined,
  forward: () => Result,
): { readonly loss: number; readonly result: Result; readonly gradients: StepGradients } {
  const dense = [...parameters] as [string, Variable][];
  const leaves: [string, Variable][] =
    rows === undefined
      ? []
      : [
          ['users', rows.users.values],
          ['items', rows.items.values],
        ];
  const results: Result[] = [];
  const { value, grads } = disposingTape(results, () =>
    variableGrads(
      () => {
        const result = forward();
        for (const tensor of Object.values(result.kept)) if (tensor !== undefined) keep(tensor);
        results.push(result);
        return result.total.clone();
      },
      [...dense, ...leaves].map(([, variable]) => variable),
    ),
  );
  const byName = (named: readonly [string, Variable][]) =>
    new Map(
      named.flatMap(([name, variable]) => (grads[variable.name] ? [[name, grads[variable.name]!] as const] : [])),
    );
  return { loss: takeNumber(value), result: results[0]!, gradients: { dense: byName(dense), rows: byName(leaves) } };
}

/** Runs `work`. If it throws, disposes the kept tensors and those that TensorFlow.js leaves on its tape. */
function disposingTape<Value>(results: readonly ForwardResult[], work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    const { state } = engine();
    if (state.gradientDepth === 0) {
      for (const node of state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose();
      state.activeTape = [];
    }
    for (const { kept } of results) for (const tensor of Object.values(kept)) tensor?.dispose();
    throw error;
  }
}

export function disposeGradients({ dense, rows }: StepGradients): void {
  for (const gradient of [...dense.values(), ...rows.values()]) gradient.dispose();
}

/** Reads a scalar and disposes it. NaN for undefined. */
export function takeNumber(scalar: Scalar | undefined): number {
  if (scalar === undefined) return Number.NaN;
  const [value] = scalar.dataSync();
  scalar.dispose();
  return value!;
}
