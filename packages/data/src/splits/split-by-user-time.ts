import type { Samples } from '../samples/samples.js';
import { assertFractions, makeSplit, percent, portion, type Split } from './split.js';

export interface SplitByUserTimeOptions {
  /** Share of each user's events for test, the last ones. Default 0.1. */
  readonly test?: number;
  /** Share of each user's events for validation, the ones before the test part. Default 0.1. */
  readonly validation?: number;
}

/**
 * Splits each user's events by time. Of n events the last `floor(test · n)` are for test, the `floor(validation · n)`
 * before them for validation, the rest for train. With the defaults a user with fewer than ten events is in train only.
 *
 * More users are tested than with a split by global time, but train holds events of other users that are later than
 * test events. `leakage` and `warnings` say how many.
 *
 * @throws RangeError if a share is not in [0, 1) or the shares sum to more than 1.
 */
export function splitByUserTime(
  samples: Samples,
  { test = 0.1, validation = 0.1 }: SplitByUserTimeOptions = {},
): Split {
  assertFractions('splitByUserTime', { test, validation });
  return splitPerUser(samples, 'userTime', (events) => ({
    test: portion(test, events),
    validation: portion(validation, events),
  }));
}

/**
 * Uses each user's last event for test, the one before it for validation, and the rest for train. Users with fewer than
 * three events are in train only.
 *
 * Papers use this split often, but it leaks: models train on the future of other users (Ji et al., TOIS 2023,
 * arXiv 2010.11060).
 */
export function splitLeaveLastOut(samples: Samples): Split {
  return splitPerUser(samples, 'leaveLastOut', (events) =>
    events < 3 ? { test: 0, validation: 0 } : { test: 1, validation: 1 },
  );
}

function splitPerUser(
  samples: Samples,
  kind: 'userTime' | 'leaveLastOut',
  sizes: (events: number) => { readonly test: number; readonly validation: number },
): Split {
  const events = new Int32Array(samples.numUsers);
  for (const user of samples.users) events[user]!++;
  const seen = new Int32Array(samples.numUsers);
  return makeSplit(
    samples,
    kind,
    (sample) => {
      const user = samples.users[sample]!;
      const { test, validation } = sizes(events[user]!);
      const left = events[user]! - seen[user]!++;
      return left <= test ? 'test' : left <= test + validation ? 'validation' : 'train';
    },
    ({ trainAfterFirstTest, testItemsTrainedLater }) => [
      `${kind} trains on the future of other users: ` +
        `${percent(trainAfterFirstTest)} of train events are later than the earliest test event, ` +
        `${percent(testItemsTrainedLater)} of test events are of an item that train sees later; ` +
        'compare models on splitByTime (arXiv 2010.11060)',
    ],
  );
}
