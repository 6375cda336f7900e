import type { NamedParameters } from '@sifaka/nn';
import { type Scalar, type Tensor, type Variable, variableGrads } from '@tensorflow/tfjs-core';
import type { BatchRows } from './id-tables.js';

/** The caller owns every tensor. */
export interface StepGradients {
  /** By path; a weight that the loss does not depend on has none. */
  readonly dense: ReadonlyMap<string, Tensor>;
  /** Of the borrowed rows: `users`, `items`. */
  readonly rows: ReadonlyMap<string, Tensor>;
}

/** The gradients of a scalar for weights, and for the borrowed rows if there are any. */
export function differentiate(
  parameters: NamedParameters,
  rows: BatchRows | undefined,
  forward: () => Scalar,
): { readonly value: Scalar; readonly gradients: StepGradients } {
  const dense = [...parameters] as [string, Variable][];
  const leaves: [string, Variable][] =
    rows === undefined
      ? []
      : [
          ['users', rows.users.values],
          ['items', rows.items.values],
        ];
  const { value, grads } = variableGrads(
    forward,
    [...dense, ...leaves].map(([, variable]) => variable),
  );
  const byName = (named: readonly [string, Variable][]) =>
    new Map(
      named.flatMap(([name, variable]) => (grads[variable.name] ? [[name, grads[variable.name]!] as const] : [])),
    );
  return { value, gradients: { dense: byName(dense), rows: byName(leaves) } };
}

/** Reads a scalar and disposes it. */
export function takeNumber(scalar: Scalar): number {
  const [value] = scalar.dataSync();
  scalar.dispose();
  return value!;
}
