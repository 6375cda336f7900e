import { logitShare } from './logit-share.js';
import { LABELS_KEPT, type UserRecord } from './user-record.js';

/** Weight of a label against that of the next more recent one. */
const DECAY = 0.7;

/**
 * Writes the block `mood`: how much the user liked of what came last. It says nothing of the item.
 *
 * Columns: the logits of the smoothed shares `(likes + 1) / (events + 2)` of the last 50, 10 and 3 events; that of a
 * share in which each event weighs 0.7 of the next, `(likes + ½) / (weights + 1)`; `log(1 + events)` of at most 50.
 */
export class Mood {
  readonly #row = {
    items: new Int32Array(LABELS_KEPT),
    labels: new Uint8Array(LABELS_KEPT),
    offset: 0,
    length: LABELS_KEPT,
    skip: 0,
  };

  write({ recent }: UserRecord, time: number, target: Float32Array, offset: number): void {
    const { labels } = this.#row;
    const events = recent.write(time, this.#row);
    let likes = 0;
    let [of3, of10] = [0, 0];
    let weight = 1;
    let [decayedLikes, decayedEvents] = [0, 0];
    for (let k = 0; k < events; k++) {
      const label = labels[k]!;
      likes += label;
      if (k < 3) of3 += label;
      if (k < 10) of10 += label;
      decayedLikes += weight * label;
      decayedEvents += weight;
      weight *= DECAY;
    }
    target[offset] = logitShare(likes + 1, events + 2);
    target[offset + 1] = logitShare(of10 + 1, Math.min(events, 10) + 2);
    target[offset + 2] = logitShare(of3 + 1, Math.min(events, 3) + 2);
    target[offset + 3] = logitShare(decayedLikes + 0.5, decayedEvents + 1);
    target[offset + 4] = Math.log1p(events);
  }
}
