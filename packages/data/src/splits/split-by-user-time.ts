import type { Samples } from '../samples/samples.js';
import { assertFractions, makeSplit, type Part, percent, portion, type Split } from './split.js';

export interface SplitByUserTimeOptions {
  /** Share of each user's events for test, the last ones. Default 0.1. */
  readonly test?: number;
  /** Share of each user's events for validation, the ones before the test part. Default 0.1. */
  readonly validation?: number;
}

/**
 * Splits each user's events by time. Of n events the last `floor(test · n)` are for test, the `floor(validation · n)`
 * before them for validation, the rest for train. With the defaults a user with fewer than ten events is in train only.
 * By visits, a boundary moves forward to where the next visit begins.
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
 * three events are in train only. By visits it does the same with visits instead of events.
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
  const { users, numUsers } = samples;
  const canBegin = possibleBoundaries(samples);
  const counted = (sample: number) => (kind === 'leaveLastOut' ? canBegin[sample]! : 1);
  const total = new Int32Array(numUsers);
  users.forEach((user, sample) => {
    total[user]! += counted(sample);
  });
  const seen = new Int32Array(numUsers);
  const part = new Array<Part>(numUsers).fill('train'); // of each user's latest sample
  return makeSplit(
    samples,
    kind,
    (sample) => {
      const user = users[sample]!;
      const { test, validation } = sizes(total[user]!);
      const left = total[user]! - seen[user]!;
      seen[user]! += counted(sample);
      if (canBegin[sample] === 1) {
        part[user] = left <= test ? 'test' : left <= test + validation ? 'validation' : 'train';
      }
      return part[user]!;
    },
    ({ trainAfterFirstTest, testItemsTrainedLater }) => [
      `${kind} trains on the future of other users: ` +
        `${percent(trainAfterFirstTest)} of train events are later than the earliest test event, ` +
        `${percent(testItemsTrainedLater)} of test events are of an item that train sees later; ` +
        'compare models on splitByTime (arXiv 2010.11060)',
    ],
  );
}

/** `[length]`: 1 for a sample that can be the first of a part. By visits, only the first sample of a visit can. */
function possibleBoundaries({ historyAsOf, sessions }: Samples): Uint8Array {
  return Uint8Array.from(sessions, (session, sample) =>
    historyAsOf === 'event' || session !== sessions[sample - 1] ? 1 : 0,
  );
}
