import { globalNorm } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type BadNumber, DivergenceError, firstBad } from './divergence-error.js';
import type { MultimodalRanker } from './multimodal-ranker.js';

/**
 * Checks all weights: one norm over the dense ones, and a pass over the tables. Called where weights are about to be
 * used or kept, and after a step that was skipped; not in every step.
 *
 * @throws {@link DivergenceError} naming the first weight that is not finite.
 */
export function assertFiniteWeights(where: string, model: MultimodalRanker, loss: number = Number.NaN): void {
  const bad = firstBadTable(model) ?? firstBadWeight(model);
  if (bad !== undefined) throw new DivergenceError(where, { ...bad, loss });
}

function firstBadTable({ tables }: MultimodalRanker): BadNumber | undefined {
  for (const name of ['users', 'items'] as const) {
    const value = firstBad(tables[name].values);
    if (value !== undefined) return { tensor: `tables.${name}`, value };
  }
  return undefined;
}

function firstBadWeight({ parameters }: MultimodalRanker): BadNumber | undefined {
  if (Number.isFinite(globalNorm([...parameters.values()] as Tensor[]))) return undefined;
  for (const [tensor, variable] of parameters) {
    const value = firstBad(variable.dataSync());
    if (value !== undefined) return { tensor, value };
  }
  return undefined; // Finite numbers whose squares overflow.
}
