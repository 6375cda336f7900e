import { type Tensor, tidy, type Variable, variable } from '@tensorflow/tfjs-core';

export interface ParameterOptions {
  /**
   * Whether {@link AdamW} decays it. Default: if its rank is 2 or more. Give false for a bias of rank 2 or more, such
   * as one bias per token.
   */
  readonly decay?: boolean;
}

/** Parameters created with `decay: true` or `decay: false`. */
const chosen = new WeakMap<Variable, boolean>();

/** Creates a variable and disposes its initial value, which `variable(initial())` alone would leak. */
export function parameter(initial: () => Tensor, { decay }: ParameterOptions = {}): Variable {
  const created = tidy(() => variable(initial()));
  if (decay !== undefined) chosen.set(created, decay);
  return created;
}

/** Whether {@link AdamW} decays a variable. Its docstring has the rule. */
export function isDecayed(variable: Variable): boolean {
  return chosen.get(variable) ?? variable.rank >= 2;
}
