import type { Batch } from '../batches/batch.js';
import { assertHistoryAsOf, type HistoryAsOf } from '../samples/history-as-of.js';
import { HistoryReplay } from './history-replay.js';
import { LeakageError } from './leakage-error.js';

export interface AssertNoStreamLeakageOptions {
  /**
   * `historyAsOf` of the stream or the samples. `'visit'`: timestamps are the beginnings of visits. A stream sends
   * events in the order of their own times, so timestamps must not go back within each user, and every session must
   * have one user and one timestamp. Default `'event'`.
   */
  readonly historyAsOf?: HistoryAsOf;
}

/**
 * Checks batches in time order, such as those of a {@link SampleStream} or of {@link sequentialBatches} over all
 * samples. Time must not go back, and every history must hold the user's events of strictly earlier timestamps in these
 * batches, most recent first, and nothing else. Keeps all events in memory: for tests and finite streams.
 *
 * @param batches from the first event on, of a stream without late events or forgotten users: batches do not show
 *   these.
 * @throws {@link LeakageError} naming the sample (`batch.rows`).
 */
export function assertNoStreamLeakage(
  batches: Iterable<Batch>,
  { historyAsOf = 'event' }: AssertNoStreamLeakageOptions = {},
): void {
  assertHistoryAsOf('assertNoStreamLeakage', historyAsOf);
  const replay = new HistoryReplay();
  const byVisit = historyAsOf === 'visit';
  const latestOf = new Map<number, number>(); // By visits: of each user. Otherwise there is one entry.
  const visits = new Map<number, { readonly user: number; readonly time: number }>();
  for (const batch of batches) {
    const { rows, users, items, labels, sessions, timestamps } = batch;
    for (let b = 0; b < batch.size; b++) {
      const [user, time, sample] = [users[b]!, timestamps[b]!, rows[b]!];
      const fail = (problem: string): never => {
        throw new LeakageError('assertNoStreamLeakage', problem, sample);
      };
      const clock = byVisit ? user : 0;
      const latest = latestOf.get(clock) ?? Number.NEGATIVE_INFINITY;
      if (time < latest) fail(`expected sample ${sample} not before ${latest}, got ${time}`);
      latestOf.set(clock, time);
      if (byVisit) {
        const session = sessions[b]!;
        const visit = visits.get(session) ?? { user, time };
        visits.set(session, visit);
        if (visit.user !== user) fail(`expected user ${visit.user} in visit ${session}, got ${user}`);
        if (visit.time !== time) fail(`expected time ${visit.time} in visit ${session}, got ${time}`);
      }
      for (const [name, history] of Object.entries(batch.histories)) {
        const problem = replay.findProblem(user, time, {
          items: history.items,
          labels: history.labels,
          offset: b * history.length,
          count: history.lengths[b]!,
          options: history,
          title: `history ${name} of sample ${sample}`,
        });
        if (problem !== undefined) fail(problem);
      }
      replay.add(user, items[b]!, time, labels[b] === 1);
    }
  }
}
