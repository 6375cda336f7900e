import type { Samples } from '../samples/samples.js';
import { assertFractions, makeSplit, portion, type Split } from './split.js';

export interface SplitByTimeOptions {
  /** Share of all events for train, the earliest ones. Default 0.8. */
  readonly train?: number;
  /** Share of all events for validation, the next ones. The rest is the test part. Default 0.1. */
  readonly validation?: number;
}

/**
 * Splits by global time: every train event is earlier than every validation event, and these are earlier than every
 * test event.
 *
 * A boundary at `floor(share · events)` moves forward until the timestamp changes, so that events of one timestamp stay
 * together.
 *
 * @throws RangeError if a share is not in [0, 1) or the shares sum to more than 1.
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
