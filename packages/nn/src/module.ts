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

/** The children in each result of {@link collectParameters}, by path. */
const children = new WeakMap<NamedParameters, ReadonlyMap<string, Module>>();

/**
 * Collects a module's own variables and those of its children by path. Lists are numbered; undefined entries are
 * skipped.
 */
export function collectParameters(
  parts: Readonly<Record<string, Variable | Module | readonly Module[] | undefined>>,
): Map<string, Variable> {
  const parameters = new Map<string, Variable>();
  const modules = new Map<string, Module>();
  const add = (path: string, module: Module) => {
    modules.set(path, module);
    for (const [inner, variable] of module.parameters) parameters.set(`${path}.${inner}`, variable);
  };
  for (const [name, part] of Object.entries(parts)) {
    if (part === undefined) continue;
    if (isModuleList(part)) for (const [i, module] of part.entries()) add(`${name}.${i}`, module);
    else if ('parameters' in part) add(name, part);
    else parameters.set(name, part);
  }
  children.set(parameters, modules);
  return parameters;
}

/**
 * All modules inside a module by path, and the module itself by the empty path. It knows the modules that
 * {@link collectParameters} was given, whether or not they have parameters.
 */
export function namedModules(module: Module): Map<string, Module> {
  const named = new Map<string, Module>([['', module]]);
  for (const [name, child] of children.get(module.parameters) ?? []) {
    for (const [path, inner] of namedModules(child)) named.set(joinPath(name, path), inner);
  }
  return named;
}

/** A dotted path; an empty part stands for the module itself. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('.');
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
