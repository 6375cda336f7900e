import type { Samples } from '../samples/samples.js';
import { assertFractions, makeSplit, portion, type Split } from './split.js';

export interface SplitByTimeOptions {
  /** Share of all events, the earliest. Default 0.8. */
  readonly train?: number;
  /** Share of all events, those that follow. Default 0.1; the rest is the test part. */
  readonly validation?: number;
}

/**
 * Splits by global time: whatever is trained on happened before whatever is validated on, and that before the test.
 *
 * Each boundary, at `floor(share · events)`, moves forward until the timestamp changes, so that no moment is on both sides.
 */
export function splitByTime(samples: Samples, { train = 0.8, validation = 0.1 }: SplitByTimeOptions = {}): Split {
  assertFractions('splitByTime', { train, validation });
  const boundary = (fraction: number): number => {
    let at = portion(fraction, samples.length);
    while (at > 0 && at < samples.length && samples.timestamps[at] === samples.timestamps[at - 1]) at++;
    return at;
  };
  const validationStart = boundary(train);
  const testStart = boundary(train + validation);
  const partOf = (sample: number) => (sample < validationStart ? 'train' : sample < testStart ? 'validation' : 'test');
  return makeSplit(samples, 'globalTime', partOf, () => []);
}
