import type { Batch } from '../batches/batch.js';
import { HistoryReplay } from './history-replay.js';
import { LeakageError } from './leakage-error.js';

/**
 * Checks batches in time order, such as those of a {@link SampleStream} or of {@link sequentialBatches} over all
 * samples. Time must not go back, and every history must hold the user's events of strictly earlier timestamps in these
 * batches, most recent first, and nothing else. Keeps all events in memory: for tests and finite streams.
 *
 * @param batches from the first event on, of a stream without late events or forgotten users: batches do not show these.
 * @throws {@link LeakageError} naming the sample (`batch.rows`).
 */
export function assertNoStreamLeakage(batches: Iterable<Batch>): void {
  const replay = new HistoryReplay();
  let latest = Number.NEGATIVE_INFINITY;
  for (const batch of batches) {
    const { rows, users, items, labels, timestamps } = batch;
    for (let b = 0; b < batch.size; b++) {
      const [user, time, sample] = [users[b]!, timestamps[b]!, rows[b]!];
      const fail = (problem: string): never => {
        throw new LeakageError('assertNoStreamLeakage', problem, sample);
      };
      if (time < latest) fail(`expected sample ${sample} not before ${latest}, got ${time}`);
      latest = time;
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
