import type { Variable } from '@tensorflow/tfjs-core';

/** Trainable variables by dotted path: `blocks.0.attention.output.weight`. The paths are the names in checkpoints. */
export type NamedParameters = ReadonlyMap<string, Variable>;

/**
 * A part of a model that owns variables. Its `forward` borrows its arguments and returns tensors that the caller owns.
 */
export interface Module {
  readonly parameters: NamedParameters;
  /** Disposes the variables of this module and of its children. Calling it again is harmless. */
  dispose(): void;
}

/**
 * Collects a module's own variables and those of its children by path. Lists are numbered; undefined entries are
 * skipped.
 */
export function collectParameters(
  children: Readonly<Record<string, Variable | Module | readonly Module[] | undefined>>,
): Map<string, Variable> {
  const parameters = new Map<string, Variable>();
  for (const [name, child] of Object.entries(children)) {
    if (child === undefined) continue;
    if (isModuleList(child)) {
      child.forEach((module, i) => {
        for (const [path, variable] of module.parameters) parameters.set(`${name}.${i}.${path}`, variable);
      });
    } else if ('parameters' in child) {
      for (const [path, variable] of child.parameters) parameters.set(`${name}.${path}`, variable);
    } else {
      parameters.set(name, child);
    }
  }
  return parameters;
}

/** Disposes every variable that is still alive. */
export function disposeParameters(parameters: NamedParameters): void {
  for (const variable of parameters.values()) if (!variable.isDisposed) variable.dispose();
}

/** Number of trainable weights. */
export function countParameters(parameters: NamedParameters): number {
  let count = 0;
  for (const variable of parameters.values()) count += variable.size;
  return count;
}

function isModuleList(child: Variable | Module | readonly Module[]): child is readonly Module[] {
  return Array.isArray(child);
}
