import type { Samples } from '@sifaka/data';
import type { Baseline } from './baseline.js';
import { logit } from './logistic.js';

/** Strength of the mean of all items, as a number of events. */
const PRIOR_EVENTS = 5;
/** Keeps logits finite if everything is liked. */
const LEAST_SHARE = 1e-6;

/** The item's like rate in train, `(likes + 5 m) / (events + 5)` with the mean `m` of train, as its logit. */
export const itemMean: Baseline = (samples, train, indices) => {
  const logits = itemMeanLogits(samples, train);
  return Float32Array.from(indices, (sample) => logits[sample]!);
};

/**
 * The baseline {@link itemMean} of all samples, `[samples]`. A sample of train is left out of its own rate, so that a
 * regression can learn from train how far to trust it.
 */
export function itemMeanLogits({ items, labels, numItems, length }: Samples, train: Int32Array): Float64Array {
  const events = new Float64Array(numItems);
  const likes = new Float64Array(numItems);
  let likesInAll = 0;
  for (const sample of train) {
    events[items[sample]!]!++;
    likes[items[sample]!]! += labels[sample]!;
    likesInAll += labels[sample]!;
  }
  const mean = likesInAll / train.length;
  const own = new Uint8Array(length);
  for (const sample of train) own[sample] = 1;
  return Float64Array.from(items, (item, sample) => {
    const liked = likes[item]! - own[sample]! * labels[sample]! + PRIOR_EVENTS * mean;
    const share = liked / (events[item]! - own[sample]! + PRIOR_EVENTS);
    return logit(Math.min(Math.max(share, LEAST_SHARE), 1 - LEAST_SHARE));
  });
}
