import { InteractionBuilder, type Interactions } from '@sifaka/data';

export interface Event {
  readonly user: string;
  readonly item: string;
  readonly rating: number;
  readonly timestamp: number;
}

/** Events of a few users in bursts, with many equal timestamps. Every call returns the same events. */
export function madeUpEvents(count: number): Event[] {
  const events: Event[] = [];
  let state = 12345;
  const below = (bound: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % bound;
  };
  for (let i = 0; i < count; i++) {
    const timestamp = 1_000_000_000 + Math.floor(i / 3) * 400 + (below(20) === 0 ? 5000 : 0);
    events.push({ user: `${1 + below(9)}`, item: `${1 + below(25)}`, rating: 1 + below(5), timestamp });
  }
  return events;
}

export function interactionsOf(events: readonly Event[], itemIds?: readonly string[]): Interactions {
  const builder = new InteractionBuilder();
  for (const { user, item, rating, timestamp } of events) builder.add(user, item, rating, timestamp);
  return builder.build(itemIds === undefined ? {} : { itemIds }).interactions;
}

/** Each event as `user item rating timestamp`, in order. */
export function rowsOf({ users, items, ratings, timestamps, userIds, itemIds }: Interactions): string[] {
  return Array.from(users, (u, i) => `${userIds[u]} ${itemIds[items[i]!]} ${ratings[i]} ${timestamps[i]}`);
}
