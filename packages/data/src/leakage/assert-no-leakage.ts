import type { NamedHistories } from '../history/history-options.js';
import type { Samples } from '../samples/samples.js';
import { PARTS, type Split } from '../splits/split.js';
import { HistoryReplay } from './history-replay.js';
import { LeakageError } from './leakage-error.js';

export interface AssertNoLeakageOptions {
  /**
   * The histories that batches will hold. Each is compared with a second computation.
   * Default `{ liked: { length: 100 } }`.
   */
  readonly histories?: NamedHistories;
}

/**
 * Checks a split before training.
 *
 * - No sample is in two parts.
 * - `globalTime`: every train timestamp < every validation timestamp < every test timestamp.
 * - `userTime`, `leaveLastOut`: the same within each user, but events of one timestamp may be on both sides of a
 *   boundary. These splits always train on other users' future; {@link Split.leakage} says how much.
 * - By visits: every visit has one user and one timestamp, and no visit is in two parts.
 * - Every history of every sample holds the user's events of strictly earlier timestamps that its options select, most
 *   recent first, and nothing else.
 *
 * @throws {@link LeakageError} naming the sample.
 */
export function assertNoLeakage(
  samples: Samples,
  split: Split,
  { histories = { liked: { length: 100 } } }: AssertNoLeakageOptions = {},
): void {
  assertDisjoint(samples, split);
  if (samples.historyAsOf === 'visit') assertWholeVisits(samples, split);
  if (split.kind === 'globalTime') assertOrderedGlobally(samples, split);
  else assertOrderedPerUser(samples, split);
  assertHistories(samples, histories);
}

function fail(problem: string, sample: number): never {
  throw new LeakageError('assertNoLeakage', problem, sample);
}

function assertDisjoint(samples: Samples, split: Split): void {
  const taken = new Uint8Array(samples.length); // 1 + the part's index
  for (const [index, part] of PARTS.entries()) {
    for (const sample of split[part]) {
      if (!(sample >= 0 && sample < samples.length)) fail(`sample ${sample} of ${part} does not exist`, sample);
      if (taken[sample]! > 0)
        fail(`expected sample ${sample} in one part, got ${PARTS[taken[sample]! - 1]} and ${part}`, sample);
      taken[sample] = index + 1;
    }
  }
}

function assertWholeVisits({ sessions, users, timestamps }: Samples, split: Split): void {
  const first = new Map<number, number>(); // session → its first sample
  sessions.forEach((session, sample) => {
    const begin = first.get(session) ?? sample;
    first.set(session, begin);
    for (const [name, column] of Object.entries({ user: users, timestamp: timestamps })) {
      if (column[sample] === column[begin]) continue;
      const got = `${column[begin]} of sample ${begin} and ${column[sample]} of sample ${sample}`;
      fail(`expected one ${name} in visit ${session}, got ${got}`, sample);
    }
  });
  const partOf = new Map<number, string>();
  for (const part of PARTS) {
    for (const sample of split[part]) {
      const known = partOf.get(sessions[sample]!) ?? part;
      if (known !== part) fail(`expected visit ${sessions[sample]} in one part, got ${known} and ${part}`, sample);
      partOf.set(sessions[sample]!, part);
    }
  }
}

function assertOrderedGlobally({ timestamps }: Samples, split: Split): void {
  let latest = -1; // the latest sample of the earlier parts
  for (const part of PARTS) {
    let latestHere = latest;
    for (const sample of split[part]) {
      if (latest >= 0 && timestamps[sample]! <= timestamps[latest]!) {
        const before = `all before it (${timestamps[latest]}, sample ${latest})`;
        fail(`expected ${part} to be later than ${before}, got sample ${sample} at ${timestamps[sample]}`, sample);
      }
      if (latestHere < 0 || timestamps[sample]! > timestamps[latestHere]!) latestHere = sample;
    }
    latest = latestHere;
  }
}

function assertOrderedPerUser({ timestamps, users, numUsers }: Samples, split: Split): void {
  const bounds = new Float64Array(numUsers).fill(Number.NEGATIVE_INFINITY);
  for (const part of PARTS) {
    const latest = bounds.slice();
    for (const sample of split[part]) {
      const user = users[sample]!;
      const time = timestamps[sample]!;
      if (time < bounds[user]!) {
        fail(`expected ${part} of user ${user} not before ${bounds[user]}, got sample ${sample} at ${time}`, sample);
      }
      latest[user] = Math.max(latest[user]!, time);
    }
    bounds.set(latest);
  }
}

/** Replays the events in time order and compares the histories of every sample with the replayed ones. */
function assertHistories(samples: Samples, histories: NamedHistories): void {
  const { timestamps, users, items, labels } = samples;
  const replay = new HistoryReplay();
  const targets = Object.entries(histories).map(([name, options]) => ({
    name,
    options,
    items: new Int32Array(options.length),
    labels: new Uint8Array(options.length),
  }));
  for (let sample = 0; sample < samples.length; sample++) {
    const user = users[sample]!;
    const time = timestamps[sample]!;
    if (sample > 0 && time < timestamps[sample - 1]!) fail(`sample ${sample} is out of time order`, sample);
    for (const { name, options, ...given } of targets) {
      const count = samples.history(sample, given.items, 0, options.length, { ...options, labels: given.labels });
      const title = `history ${name} of sample ${sample}`;
      const problem = replay.findProblem(user, time, { ...given, offset: 0, count, options, title });
      if (problem !== undefined) fail(problem, sample);
    }
    replay.add(user, items[sample]!, time, labels[sample] === 1);
  }
}
