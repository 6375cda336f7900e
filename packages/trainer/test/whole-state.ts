import { createHash } from 'node:crypto';
import { exportWeights, type ModelWeights, type RunState, type TrainingStep } from '@sifaka/trainer';

/** Paths of the dense weights in which two exports differ. */
export function changedWeights(before: ModelWeights, after: ModelWeights): string[] {
  return [...before.dense.keys()].filter((path) => {
    const now = after.dense.get(path)!.data;
    return before.dense.get(path)!.data.some((value, k) => !Object.is(value, now[k]));
  });
}

/** Rows of an id table in which two exports differ, ascending. Row 0 is the unknown one, id `i` has row `i + 1`. */
export function changedRows(before: ModelWeights, after: ModelWeights, table: 'users' | 'items'): number[] {
  const width = before[table].values.length / before[table].updates.length;
  const changed = new Set<number>();
  before[table].values.forEach((value, k) => {
    if (!Object.is(value, after[table].values[k])) changed.add(Math.floor(k / width));
  });
  return [...changed];
}

/** Digests of everything that a step may change, by name. Equal digests mean equal bits. */
export function wholeState({ model, encoderOptimizer, rankerOptimizer }: TrainingStep): Record<string, string> {
  const { users, items } = model.tables;
  const { ids, vectors, steps, versions } = model.bank.snapshot();
  const { updates: encoderUpdates, ...encoder } = encoderOptimizer.state();
  const { updates: rankerUpdates, ...ranker } = rankerOptimizer.state();
  return {
    ...weightDigests(exportWeights(model)),
    ...digests('users', { first: users.firstMoments, second: users.secondMoments }),
    ...digests('items', { first: items.firstMoments, second: items.secondMoments }),
    ...digests('bank', { ids, vectors, steps, versions }),
    ...digests('encoder', encoder),
    ...digests('ranker', ranker),
    updates: `${encoderUpdates}, ${rankerUpdates}`,
  };
}

/** The state of a run without its time, and with digests for the best weights. */
export function comparableRun({ trainingSeconds: _, best, ...state }: RunState) {
  return { ...state, best: best && { ...best, weights: weightDigests(best.weights) } };
}

/** Digests of all weights, by name. */
export function weightDigests({ dense, users, items }: ModelWeights): Record<string, string> {
  return {
    ...digests('dense', Object.fromEntries([...dense].map(([path, { data }]) => [path, data]))),
    ...digests('users', { values: users.values, updates: users.updates }),
    ...digests('items', { values: items.values, updates: items.updates }),
  };
}

function digests(prefix: string, arrays: Readonly<Record<string, NodeJS.TypedArray>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [
      `${prefix}.${name}`,
      createHash('sha256').update(data).digest('hex').slice(0, 16),
    ]),
  );
}
