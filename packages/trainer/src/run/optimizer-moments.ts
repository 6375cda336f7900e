import type { AdamWState } from '@sifaka/nn';
import type { TrainingStep } from '../model/training-step.js';

/** The state of all optimizers on the host: those of the dense weights, and those of the id tables. */
export interface OptimizerMoments {
  readonly encoder: AdamWState;
  readonly ranker: AdamWState;
  readonly users: TableMoments;
  readonly items: TableMoments;
}

/** `[size + 1, dim]` each. */
export interface TableMoments {
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
}

/** A copy that later steps do not change. */
export function exportMoments({ model, encoderOptimizer, rankerOptimizer }: TrainingStep): OptimizerMoments {
  const table = ({ firstMoments, secondMoments }: TableMoments): TableMoments => ({
    firstMoments: firstMoments.slice(),
    secondMoments: secondMoments.slice(),
  });
  return {
    encoder: encoderOptimizer.state(),
    ranker: rankerOptimizer.state(),
    users: table(model.tables.users),
    items: table(model.tables.items),
  };
}

/**
 * Checks that {@link importMoments} can copy these moments.
 *
 * @throws RangeError naming what has another number of moments or updates.
 */
export function assertMomentsFit(
  { model, encoderOptimizer, rankerOptimizer }: TrainingStep,
  moments: OptimizerMoments,
): void {
  for (const name of ['users', 'items'] as const) {
    const { length } = model.tables[name].firstMoments;
    for (const part of ['firstMoments', 'secondMoments'] as const) {
      const got = moments[name][part].length;
      if (got !== length) throw new RangeError(`importMoments: ${name}.${part}: expected ${length} values, got ${got}`);
    }
  }
  encoderOptimizer.assertFits(moments.encoder);
  rankerOptimizer.assertFits(moments.ranker);
}

/**
 * Copies moments into the optimizers of a model of the same shape.
 *
 * @throws RangeError as {@link assertMomentsFit}, before anything is copied.
 */
export function importMoments(training: TrainingStep, moments: OptimizerMoments): void {
  assertMomentsFit(training, moments);
  const { model, encoderOptimizer, rankerOptimizer } = training;
  encoderOptimizer.restore(moments.encoder);
  rankerOptimizer.restore(moments.ranker);
  for (const name of ['users', 'items'] as const) {
    model.tables[name].firstMoments.set(moments[name].firstMoments);
    model.tables[name].secondMoments.set(moments[name].secondMoments);
  }
}
