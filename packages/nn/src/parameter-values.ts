import { type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import type { NamedParameters } from './module.js';
import type { SafetensorsEntry } from './safetensors.js';
import { ShapeError } from './shape-error.js';

/** Host copies of all parameters, ready for {@link writeSafetensors}. */
export function exportParameters(parameters: NamedParameters): Map<string, SafetensorsEntry> {
  const entries = new Map<string, SafetensorsEntry>();
  for (const [path, variable] of parameters) {
    entries.set(path, { dtype: 'F32', shape: variable.shape, data: Float32Array.from(variable.dataSync()) });
  }
  return entries;
}

/**
 * Checks that {@link importParameters} can set all parameters from these entries.
 *
 * @throws Error naming the path if an entry is missing or not F32, {@link ShapeError} if its shape differs.
 */
export function assertImportable(parameters: NamedParameters, entries: ReadonlyMap<string, SafetensorsEntry>): void {
  for (const [path, variable] of parameters) {
    const entry = entries.get(path);
    if (entry === undefined) throw new Error(`importParameters: expected a weight named ${path}, got none`);
    if (entry.shape.join() !== variable.shape.join()) {
      throw new ShapeError(`importParameters: ${path}`, `[${variable.shape.join(', ')}]`, entry.shape);
    }
    if (entry.dtype !== 'F32') throw new Error(`importParameters: ${path}: expected F32, got ${entry.dtype}`);
  }
}

/**
 * Sets all parameters from the entries of a file. Surplus entries are ignored.
 *
 * @throws Error or {@link ShapeError} as {@link assertImportable}. No parameter is changed then.
 */
export function importParameters(parameters: NamedParameters, entries: ReadonlyMap<string, SafetensorsEntry>): void {
  assertImportable(parameters, entries);
  for (const [path, variable] of parameters) {
    tidy(() => variable.assign(tensor(entries.get(path)!.data as Float32Array, variable.shape) as Tensor));
  }
}
