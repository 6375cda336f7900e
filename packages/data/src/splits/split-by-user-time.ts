import type { Samples } from '../samples/samples.js';
import { assertFractions, makeSplit, percent, portion, type Split } from './split.js';

export interface SplitByUserTimeOptions {
  /** Share of each user's events, the last ones. Default 0.1. */
  readonly test?: number;
  /** Share of each user's events, those before the test part. Default 0.1. */
  readonly validation?: number;
}

/**
 * Splits each user's events by time: of n events the last `floor(test · n)` test, the `floor(validation · n)` before them
 * validate, the rest train. A user of fewer than ten events therefore only trains, at the defaults.
 *
 * Every user is tested, where a global cut leaves few; but one user's test is other users' past. The leakage is measured and warned of.
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
 * Each user's last event tests, the one before validates, the rest train; users of fewer than three events only train.
 *
 * Common in papers, and leaky: models train on the future of other users (Ji et al., TOIS 2023, arXiv 2010.11060).
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
      `${kind} trains on the future of other users: ${percent(trainAfterFirstTest)} of train events are later than the earliest ` +
        `test event, ${percent(testItemsTrainedLater)} of test events are of an item that train sees later; ` +
        'compare models on splitByTime (arXiv 2010.11060)',
    ],
  );
}
