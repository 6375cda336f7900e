import { InteractionBuilder } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

describe('InteractionBuilder', () => {
  it('gives the same result for any order of the events', () => {
    // One event per (user, item, timestamp): the first of several depends on the order.
    const events = [...new Map(madeUpEvents(500).map((e) => [`${e.user}/${e.item}/${e.timestamp}`, e])).values()];
    const shuffled = events.map((e, i) => ({ e, key: (i * 7919) % 503 })).sort((a, b) => a.key - b.key);
    expect(interactionsOf(shuffled.map(({ e }) => e))).toEqual(interactionsOf(events));
  });

  it('sorts by (timestamp, user, item)', () => {
    const { length, timestamps, users, items } = interactionsOf(madeUpEvents(500));
    for (let i = 1; i < length; i++) {
      const [before, here] = [i - 1, i].map((k) => (timestamps[k]! * 100 + users[k]!) * 100 + items[k]!);
      expect(before).toBeLessThan(here!);
    }
  });

  it('orders whole numbers by value, then other ids by code unit', () => {
    const ids = ['b', '10', '9', '007', 'a', '123456789012345678901', '123456789012345678900', '0'];
    const events = ids.map((item, i) => ({ user: '1', item, rating: 1, timestamp: i }));
    expect(interactionsOf(events).itemIds).toEqual([
      ...['0', '9', '10', '123456789012345678900', '123456789012345678901'],
      ...['007', 'a', 'b'],
    ]);
  });

  it('includes items of the catalogue without events', () => {
    const events = [{ user: '1', item: 'b', rating: 1, timestamp: 0 }];
    const { itemIds, items } = interactionsOf(events, ['z', 'b', 'y']);
    expect(itemIds).toEqual(['z', 'b', 'y']);
    expect([...items]).toEqual([1]);
  });

  it('refuses a catalogue that repeats an id, and numbers that are not finite', () => {
    const builder = new InteractionBuilder();
    expect(() => builder.build({ itemIds: ['a', 'b', 'a'] })).toThrow('got "a" twice');
    expect(() => builder.add('1', '1', Number.NaN, 0)).toThrow(RangeError);
    expect(() => builder.add('1', '1', 1, Number.POSITIVE_INFINITY)).toThrow('got rating 1, timestamp Infinity');
    expect(() => builder.add('1', '1', 1, '1000000000' as unknown as number)).toThrow('timestamp "1000000000"');
  });
});
