import type { Samples } from '../samples/samples.js';
import { LabelError } from './label-error.js';
import { countLabels, type Split } from './split.js';

/**
 * Checks that the train part holds liked and disliked samples. A model that is trained on one kind alone learns to give
 * every item the same score, and its AUC is not a number.
 *
 * @throws {@link LabelError} with the number of each kind.
 */
export function assertTrainable(samples: Samples, split: Split): void {
  const { liked, disliked } = countLabels(samples, split.train);
  if (liked > 0 && disliked > 0) return;
  const got = `got ${liked} liked and ${disliked} disliked`;
  const advice =
    disliked === 0
      ? 'Plain events are all liked: add disliked ones, such as items that were shown and not chosen. With ratings, set'
      : 'Set';
  throw new LabelError(
    `assertTrainable: expected liked and disliked samples in the train part, ${got}. ` +
      `${advice} the option positive of buildSamples: by default a rating from 4 is liked`,
    { liked, disliked },
  );
}
