import type { Batch } from '../batches/batch.js';
import { nextArrival } from './next-arrival.js';
import type { StreamEvent } from './stream-event.js';
import type { StreamBatchesOptions } from './stream-options.js';

/** What takes the events. */
export interface Batcher {
  /** Whether events wait for a batch. */
  readonly isWaiting: () => boolean;
  /** Takes an event. @returns a batch, if the event fills it */
  readonly push: (event: StreamEvent) => Batch | undefined;
  /** Makes a batch of waiting events. @returns undefined if no event waits */
  readonly flush: () => Batch | undefined;
}

/**
 * Pulls events from a source while a batch is awaited, and gives the batches that they fill. A batch that is not full
 * is given when its first event has waited `maxWaitMs`, or when the events end.
 *
 * @throws RangeError if `maxWaitMs` is negative, and any error of the batcher or of the events.
 */
export async function* batchesOf(
  { isWaiting, push, flush }: Batcher,
  events: AsyncIterable<StreamEvent> | Iterable<StreamEvent>,
  { maxWaitMs = Number.POSITIVE_INFINITY, signal }: StreamBatchesOptions,
): AsyncGenerator<Batch, void, undefined> {
  if (!(maxWaitMs >= 0)) throw new RangeError(`SampleStream.batches: expected maxWaitMs from 0, got ${maxWaitMs}`);
  const iterator = (async function* () {
    yield* events;
  })();
  let next: Promise<IteratorResult<StreamEvent>> | undefined;
  let waitingSince = performance.now();
  try {
    while (true) {
      if (next === undefined) {
        next = iterator.next();
        next.catch(() => {}); // An error is reported where the promise is awaited.
      }
      const waitMs = isWaiting() ? maxWaitMs - (performance.now() - waitingSince) : undefined;
      const arrival = await nextArrival(next, { ...(waitMs === undefined ? {} : { waitMs }), signal });
      if (arrival === 'aborted') return;
      let batch: Batch | undefined;
      if (arrival === 'waited') {
        batch = flush();
      } else {
        next = undefined;
        if (arrival.value.done) break;
        if (!isWaiting()) waitingSince = performance.now();
        batch = push(arrival.value.value);
      }
      if (batch !== undefined) yield batch;
    }
    for (let rest = flush(); rest !== undefined; rest = flush()) yield rest;
  } finally {
    // A source that is waiting for an event returns only after that event, so do not wait for it.
    const returned = iterator.return(undefined).catch(() => {});
    if (next === undefined) await returned;
  }
}
