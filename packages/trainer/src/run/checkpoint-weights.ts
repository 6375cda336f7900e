import path from 'node:path';
import { assertImportable, type SafetensorsFile } from '@sifaka/nn';
import { assertTableFits, type ModelWeights } from '../model/model-weights.js';
import type { TrainingStep } from '../model/training-step.js';
import { CheckpointError } from './checkpoint-error.js';
import { type OptimizerUpdates, readMoments, tableWeights } from './checkpoint-tensors.js';
import { assertMomentsFit, type OptimizerMoments } from './optimizer-moments.js';

/** The safetensors files of a checkpoint, by their path in it. */
export interface CheckpointFiles {
  readonly checkpoint: string;
  readonly files: ReadonlyMap<string, SafetensorsFile>;
}

/** Where weights and moments are in a checkpoint. */
export interface WeightPaths {
  readonly model: string;
  readonly users: string;
  readonly items: string;
  readonly optimizer: string;
}

/** Weights and moments of a checkpoint that fit the model. */
export interface SavedWeights {
  readonly weights: ModelWeights;
  readonly moments: OptimizerMoments;
}

/**
 * Uses a file of a checkpoint.
 *
 * @throws {@link CheckpointError} naming the file if it is not there, or if `use` throws.
 */
export function useFile<Result>(
  { checkpoint, files }: CheckpointFiles,
  name: string,
  use: (file: SafetensorsFile) => Result,
): Result {
  const file = files.get(name);
  const location = path.join(checkpoint, name);
  if (file === undefined) throw new CheckpointError(location, 'expected it to be listed in state.json');
  try {
    return use(file);
  } catch (error) {
    throw new CheckpointError(location, (error as Error).message, { cause: error });
  }
}

/**
 * Reads weights and moments of a checkpoint, and checks that they fit a model and its optimizers, which stay as they
 * are.
 *
 * @param updates of a checkpoint of an earlier version
 * @throws {@link CheckpointError} naming the file that lacks something or does not fit.
 */
export function readWeights(
  training: TrainingStep,
  files: CheckpointFiles,
  at: WeightPaths,
  updates?: OptimizerUpdates,
): SavedWeights {
  const { model } = training;
  const table = (name: 'users' | 'items') =>
    useFile(files, at[name], (file) => {
      const saved = tableWeights(file);
      assertTableFits(model, name, saved);
      return saved;
    });
  const dense = useFile(files, at.model, ({ tensors }) => {
    assertImportable(model.parameters, tensors);
    return tensors;
  });
  const moments = useFile(files, at.optimizer, (file) => {
    const saved = readMoments(file, updates);
    assertMomentsFit(training, saved);
    return saved;
  });
  return { weights: { dense, users: table('users'), items: table('items') }, moments };
}
