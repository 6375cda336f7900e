import { exportParameters, importParameters, type SafetensorsEntry } from '@sifaka/nn';
import type { MultimodalRanker } from './multimodal-ranker.js';

/** Everything a model predicts with, on the host: dense weights by path, and the id tables. */
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

/** A copy that later steps do not change. */
export function exportWeights(model: MultimodalRanker): ModelWeights {
  const table = ({ values, updates }: TableWeights): TableWeights => ({
    values: values.slice(),
    updates: updates.slice(),
  });
  return {
    dense: exportParameters(model.parameters),
    users: table(model.tables.users),
    items: table(model.tables.items),
  };
}

/**
 * Copies weights into a model.
 *
 * @throws Error naming the weight or table that does not fit; the model stays as it was.
 */
export function importWeights(model: MultimodalRanker, weights: ModelWeights): void {
  for (const name of ['users', 'items'] as const) {
    const expected = model.tables[name].values.length;
    const got = weights[name].values.length;
    if (expected !== got) throw new RangeError(`importWeights: table ${name}: expected ${expected} values, got ${got}`);
  }
  importParameters(model.parameters, weights.dense);
  for (const name of ['users', 'items'] as const) {
    model.tables[name].values.set(weights[name].values);
    model.tables[name].updates.set(weights[name].updates);
  }
}
