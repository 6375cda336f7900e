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

/** A pass that was differentiated. {@link disposePass} disposes what is left of it. */
export interface DifferentiatedPass<Result extends ForwardResult = ForwardResult> {
  readonly loss: number;
  /** Of the forward pass; its `total` is disposed. */
  readonly result: Result;
  readonly gradients: StepGradients;
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
 * @returns the loss as a number, the result of the forward pass and the gradients. The caller owns their tensors.
 */
export function differentiate<Result extends ForwardResult>(
  parameters: NamedParameters,
  rows: BatchRows | undefined,
  forward: () => Result,
): DifferentiatedPass<Result> {
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
  const pass = { result: results[0]!, gradients: { dense: byName(dense), rows: byName(leaves) } };
  try {
    return { loss: takeNumber(value), ...pass };
  } catch (error) {
    disposePass(pass);
    throw error;
  }
}

/** Disposes the tensors of a pass that are still alive. */
export function disposePass({ result, gradients }: Omit<DifferentiatedPass, 'loss'>): void {
  disposeGradients(gradients);
  for (const tensor of Object.values(result.kept)) tensor?.dispose();
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
  try {
    return scalar.dataSync()[0]!;
  } finally {
    scalar.dispose();
  }
}
