import { assertSameIds, assertTrainable } from '@sifaka/data';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { SELECTION_METRICS } from './selection.js';
import type { TrainOptions } from './train.js';

/**
 * Checks everything that a run needs before its first step.
 *
 * @throws RangeError naming the option, LabelError if the train part has one class.
 */
export function checkTrainOptions(model: MultimodalRanker, options: TrainOptions & Required<Defaults>): void {
  const { samples, split, cold, steps, checkpointEvery, selectBy, patience, from } = options;
  for (const name of ['steps', 'batchSize', 'evaluateEvery', 'maxSkippedSteps'] as const) {
    assertCount(name, options[name]);
  }
  for (const [name, value] of Object.entries({ checkpointEvery, patience })) {
    if (value !== Number.POSITIVE_INFINITY) assertCount(name, value);
  }
  if (!SELECTION_METRICS.includes(selectBy)) {
    throw expected(`selectBy to be one of ${SELECTION_METRICS.join(', ')}`, selectBy);
  }
  const { size } = model.catalogue;
  if (samples.numItems !== size) throw expected(`samples of the catalogue's ${size} items`, samples.numItems);
  const { itemIds } = model.catalogue;
  if (itemIds !== undefined) assertSameIds('train', 'itemIds of the samples', itemIds, samples.itemIds);
  if (cold.length !== size) throw expected(`cold to have the catalogue's ${size} items`, cold.length);
  const users = model.tables.users.size;
  if (samples.numUsers > users) throw expected(`samples of at most the model's ${users} users`, samples.numUsers);
  const { pretrainSteps } = model.options;
  if (steps <= pretrainSteps) throw expected(`steps above the model's ${pretrainSteps} pretrainSteps`, steps);
  assertTrainable(samples, split);
  if (from === undefined) return;
  if (from.step > steps) throw expected(`steps from ${from.step}, where the run continues`, steps);
  if (from.batchSize !== undefined && from.batchSize !== options.batchSize) {
    throw expected(`batchSize ${from.batchSize}, as in the run to continue`, options.batchSize);
  }
  if (from.best !== undefined && from.best.metric !== selectBy) {
    throw expected(`selectBy ${from.best.metric}, as in the run to continue`, selectBy);
  }
}

type Defaults = Pick<
  TrainOptions,
  'batchSize' | 'evaluateEvery' | 'checkpointEvery' | 'maxSkippedSteps' | 'selectBy' | 'patience'
>;

function assertCount(name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 1)) throw expected(`${name} to be a whole number from 1`, value);
}

function expected(what: string, got: number | string): RangeError {
  return new RangeError(`train: expected ${what}, got ${got}`);
}
