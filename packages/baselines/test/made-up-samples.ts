import { buildSamples, InteractionBuilder, type Samples } from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';

/** `[user, item, label]` */
export type Rated = readonly [user: number, item: number, label: 0 | 1];

/** Samples in the order of the events; users and items are numbers. */
export function samplesOf(events: readonly Rated[], items: number): Samples {
  const builder = new InteractionBuilder();
  events.forEach(([user, item, label], i) => {
    builder.add(String(user), String(item), label === 1 ? 5 : 1, 1_000_000_000 + 600 * i);
  });
  const itemIds = Array.from({ length: items }, (_, item) => String(item));
  return buildSamples(builder.build({ itemIds }).interactions);
}

/** Events of 9 users with 11 items; users and items differ in how much is liked. */
export function randomEvents(count: number): Rated[] {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => {
    const user = Math.floor(9 * random());
    const item = Math.floor(11 * random());
    return [user, item, random() < sigmoid(0.5 + (user - 4) / 3 + (5 - item) / 4) ? 1 : 0] as const;
  });
}

export const allOf = (samples: Samples): Int32Array => Int32Array.from({ length: samples.length }, (_, i) => i);
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const logit = (p: number): number => Math.log(p / (1 - p));
