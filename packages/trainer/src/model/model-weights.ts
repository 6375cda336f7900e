import { exportParameters, importParameters, type SafetensorsEntry } from '@sifaka/nn';
import type { MultimodalRanker } from './multimodal-ranker.js';

/** What a model predicts with, on the host: dense weights by path, and the id tables. */
export interface ModelWeights {
  readonly dense: ReadonlyMap<string, SafetensorsEntry>;
  readonly users: TableWeights;
  readonly items: TableWeights;
}

export interface TableWeights {
  /** `[size + 1, dim]` */
  readonly values: Float32Array;
  /**
   * `[size + 1]`: number of updates of each row. Predictions depend on it: a row without an update reads as unknown.
   */
  readonly updates: Int32Array;
}

/** A copy of what learns, which later steps do not change. Frozen weights of encoders are not in it. */
export function exportWeights(model: MultimodalRanker): ModelWeights {
  return { dense: exportParameters(model.parameters), ...copyTables(model) };
}

/**
 * A copy of all weights, frozen ones included, with low-rank updates merged into them. It fits a model of the same
 * options whose encoders are trained in full, which then predicts the same.
 */
export function exportMergedWeights(model: MultimodalRanker): ModelWeights {
  return { dense: model.exportMerged(), ...copyTables(model) };
}

function copyTables({ tables: { users, items } }: MultimodalRanker): Pick<ModelWeights, 'users' | 'items'> {
  const copy = ({ values, updates }: TableWeights): TableWeights => ({
    values: values.slice(),
    updates: updates.slice(),
  });
  return { users: copy(users), items: copy(items) };
}

/** @throws RangeError naming the table if it does not fit that of the model. */
export function assertTableFits(model: MultimodalRanker, name: 'users' | 'items', saved: TableWeights): void {
  for (const part of ['values', 'updates'] as const) {
    const [expected, got] = [model.tables[name][part].length, saved[part].length];
    if (expected === got) continue;
    throw new RangeError(`importWeights: table ${name}: expected ${expected} ${part}, got ${got}`);
  }
}

/**
 * Copies weights into a model.
 *
 * @throws Error naming the weight or table that does not fit; the model stays as it was.
 */
export function importWeights(model: MultimodalRanker, weights: ModelWeights): void {
  for (const name of ['users', 'items'] as const) assertTableFits(model, name, weights[name]);
  importParameters(model.parameters, weights.dense);
  for (const name of ['users', 'items'] as const) {
    model.tables[name].values.set(weights[name].values);
    model.tables[name].updates.set(weights[name].updates);
  }
}
