import { addNegatives, buildSamples, type Interactions, parseInteractions } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { type Event, interactionsOf, madeUpEvents, rowsOf } from './made-up-events.js';

const DAY = 86_400;
const at = (timestamp: number, item: string, user: string): Event => ({ user, item, rating: 5, timestamp });
const drawnRows = (interactions: Interactions) => rowsOf(interactions).filter((row) => row.split(' ')[2] === '0');

// 60 items: few enough that users repeat items, many enough that there is always something to draw.
const events = interactionsOf(
  madeUpEvents(600).map((event, i) => ({
    ...event,
    item: `${(i * 7) % 60}`,
    user: `${Number(event.user) * 3 + (i % 3)}`,
  })),
);

describe('addNegatives', () => {
  it('keeps the events as liked and adds disliked ones of the same user and time, three each', () => {
    const { interactions, counts } = addNegatives(events, { seed: 1 });
    expect(counts).toEqual({
      positives: events.length,
      negatives: 3 * events.length,
      missing: 0,
      falseNegatives: 0,
    });
    expect(interactions.length).toBe(4 * events.length);
    const liked = rowsOf(interactions).filter((row) => row.split(' ')[2] === '1');
    expect(liked).toEqual(rowsOf(events).map((row) => row.replace(/^(\S+ \S+) \S+/, '$1 1')));
    const moments = (of: Interactions) => Array.from(of.users, (user, i) => `${user} ${of.timestamps[i]}`);
    expect(new Set(moments(interactions))).toEqual(new Set(moments(events)));
    const times = new Map<string, number>();
    for (const moment of moments(interactions)) times.set(moment, (times.get(moment) ?? 0) + 1);
    for (const moment of moments(events)) expect(times.get(moment)! % 4).toBe(0);

    const samples = buildSamples(interactions);
    expect(samples.labels.reduce((total, label) => total + label, 0)).toBe(events.length);
  });

  it('draws for a table without times by the events of all times, and each event is a visit', () => {
    const rows = Array.from({ length: 40 }, (_, i) => `u${i % 8},${(i * 3) % 20}`);
    const { interactions: untimed } = parseInteractions(`userId,itemId\n${rows.join('\n')}\n`, {
      columns: { timestamp: null, rating: null },
    });
    // A period of one second would hold a single event, and nothing could be drawn.
    const drawn = addNegatives(untimed, { seed: 1, periodSeconds: 1, excluded: 'soFar' });
    expect(drawn.counts).toMatchObject({ positives: 40, negatives: 120, missing: 0 });
    expect(drawn.interactions.untimed).toBe(true);
    expect(new Set(buildSamples(drawn.interactions).sessions).size).toBe(40);
    // The user's next item, in the next row but seven, may be drawn: it is not of this visit.
    expect(drawn.counts.falseNegatives).toBeGreaterThan(0);
  });

  it('never draws an item of the user, earlier or later, and none twice for one user and time', () => {
    const { interactions } = addNegatives(events, { seed: 2 });
    const own = new Set(rowsOf(events).map((row) => row.split(' ').slice(0, 2).join(' ')));
    expect(drawnRows(interactions).filter((row) => own.has(row.split(' ').slice(0, 2).join(' ')))).toEqual([]);
    const triples = rowsOf(interactions).map((row) => row.replace(/^(\S+ \S+) \S+/, '$1'));
    expect(new Set(triples).size).toBe(triples.length);
    expect(buildSamples(interactions).length).toBe(triples.length);
  });

  it('draws what is there and counts what is missing', () => {
    const three = interactionsOf([at(1, 'a', 'all'), at(2, 'b', 'all'), at(3, 'c', 'all'), at(4, 'a', 'one')]);
    const { interactions, counts } = addNegatives(three, { seed: 1 });
    // The user `all` has all items. The user `one` has one of three.
    expect(drawnRows(interactions)).toEqual(['one b 0 4', 'one c 0 4']);
    expect(counts).toEqual({ positives: 4, negatives: 2, missing: 10, falseNegatives: 0 });
  });

  it('draws items of the same period only', () => {
    const early = [at(5, 'a', 'u'), at(6, 'b', 'v')];
    const late = [at(5 + 90 * DAY, 'c', 'u'), at(6 + 90 * DAY, 'd', 'v')];
    const { interactions } = addNegatives(interactionsOf([...early, ...late]), {
      seed: 1,
      perPositive: 2,
      periodSeconds: 90 * DAY,
    });
    expect(drawnRows(interactions)).toEqual(['u b 0 5', 'v a 0 6', `u d 0 ${5 + 90 * DAY}`, `v c 0 ${6 + 90 * DAY}`]);
    // The default period is a quarter of a year, counted from the epoch: 7,889,400 s.
    const quarter = 7_889_400;
    const split = interactionsOf([at(quarter - 1, 'a', 'u'), at(quarter, 'b', 'v')]);
    expect(addNegatives(split, { seed: 1 }).counts.negatives).toBe(0);
    const joined = interactionsOf([at(0, 'a', 'u'), at(quarter - 1, 'b', 'v')]);
    expect(addNegatives(joined, { seed: 1 }).counts.negatives).toBe(2);
  });

  it('draws in proportion to the number of events in the period', () => {
    const popularity = { a: 8, b: 4, c: 2, d: 1 };
    const crowd = Object.entries(popularity).flatMap(([item, count]) =>
      Array.from({ length: count }, (_, i) => at(i, item, `crowd-${item}-${i}`)),
    );
    // Other periods do not count: `d` is popular there.
    const earlier = Array.from({ length: 50 }, (_, i) => at(i - 1000 * DAY, 'd', `earlier-${i}`));
    const draws = 4000;
    const readers = Array.from({ length: draws }, (_, i) => at(100 + i, 'own', `reader-${i}`));
    const { interactions } = addNegatives(interactionsOf([...crowd, ...earlier, ...readers]), {
      seed: 3,
      perPositive: 1,
    });
    const counts: Record<string, number> = { a: 0, b: 0, c: 0, d: 0 };
    for (const row of drawnRows(interactions)) {
      const [user, item] = row.split(' ') as [string, string];
      if (user.startsWith('reader')) counts[item]!++;
    }
    expect(Object.values(counts).reduce((total, count) => total + count, 0)).toBe(draws);
    // Chi-squared with 3 degrees of freedom exceeds 16.3 with probability 0.001. The seed fixes the outcome.
    const chi = Object.entries(popularity).reduce((sum, [item, weight]) => {
      const expected = (draws * weight) / 15;
      return sum + (counts[item]! - expected) ** 2 / expected;
    }, 0);
    expect(chi).toBeLessThan(16.3);
  });

  describe('excluded: soFar', () => {
    const MINUTE = 60;
    // The reader `u` has a in the first visit, b in the second, c and d in the third. Others have all five items.
    const others = ['a', 'b', 'c', 'd', 'e'].map((item) => at(1, item, `other-${item}`));
    const own = [at(DAY, 'a', 'u'), at(2 * DAY, 'b', 'u'), at(3 * DAY, 'c', 'u'), at(3 * DAY + 20 * MINUTE, 'd', 'u')];
    const ofReader = (rows: readonly string[]) => rows.filter((row) => row.startsWith('u '));
    const many = { seed: 1, perPositive: 5, excluded: 'soFar' } as const; // More than there are: all allowed are drawn.

    it('draws items of later visits, none of the same visit or an earlier one', () => {
      const { interactions, counts } = addNegatives(interactionsOf([...others, ...own]), many);
      const [first, second, third, fourth] = own.map(({ timestamp }) => timestamp);
      expect(ofReader(drawnRows(interactions)).toSorted()).toEqual(
        [
          ...['b', 'c', 'd', 'e'].map((item) => `u ${item} 0 ${first}`),
          ...['c', 'd', 'e'].map((item) => `u ${item} 0 ${second}`),
          ...[`u e 0 ${third}`, `u e 0 ${fourth}`], // `d` comes twenty minutes after `c`: the same visit.
        ].toSorted(),
      );
      expect(counts.falseNegatives).toBe(3 + 2);
    });

    it('ends visits after the given gap', () => {
      const { interactions } = addNegatives(interactionsOf([...others, ...own]), {
        ...many,
        sessionGapSeconds: 20 * MINUTE - 1,
      });
      const atThird = ofReader(drawnRows(interactions)).filter((row) => row.endsWith(` ${3 * DAY}`));
      expect(atThird.toSorted()).toEqual([`u d 0 ${3 * DAY}`, `u e 0 ${3 * DAY}`]);
    });

    it('is the same as ever if every user has one visit, and without effect on the number of negatives', () => {
      const once = interactionsOf([...others, ...own.map((event) => ({ ...event, timestamp: DAY }))]);
      const rows = (excluded: 'ever' | 'soFar') => rowsOf(addNegatives(once, { seed: 4, excluded }).interactions);
      expect(rows('soFar')).toEqual(rows('ever'));
      const { counts } = addNegatives(events, { seed: 1, excluded: 'soFar' });
      expect(counts).toMatchObject({ positives: events.length, negatives: 3 * events.length, missing: 0 });
      expect(counts.falseNegatives).toBeGreaterThan(0);
    });

    it('does not depend on the later events of the user', () => {
      // The last event only changes what is popular, so it is replaced by another user's event with the same item.
      const changed = [...others, ...own.slice(0, 3), { ...own[3]!, user: 'someone' }];
      const early = (all: readonly Event[]) =>
        ofReader(drawnRows(addNegatives(interactionsOf(all), { ...many, perPositive: 1 }).interactions)).slice(0, 2);
      expect(early(changed)).toEqual(early([...others, ...own]));
    });
  });

  it('depends on the seed and the events, not on their order', () => {
    const drawn = (seed: number) => rowsOf(addNegatives(events, { seed }).interactions);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(2)).not.toEqual(drawn(1));
    const reversed = {
      ...events,
      users: events.users.slice().reverse(),
      items: events.items.slice().reverse(),
      ratings: events.ratings.slice().reverse(),
      timestamps: events.timestamps.slice().reverse(),
    };
    expect(rowsOf(addNegatives(reversed, { seed: 1 }).interactions)).toEqual(drawn(1));
  });

  it('draws the same items in every release', () => {
    const few = interactionsOf(Array.from({ length: 6 }, (_, i) => at(i, `${i}`, `u${i % 2}`)));
    expect(drawnRows(addNegatives(few, { seed: 1, perPositive: 2 }).interactions)).toEqual([
      ...['u0 1 0 0', 'u0 5 0 0', 'u1 0 0 1', 'u1 2 0 1', 'u0 1 0 2', 'u0 3 0 2'],
      ...['u1 0 0 3', 'u1 2 0 3', 'u0 3 0 4', 'u0 5 0 4', 'u1 0 0 5', 'u1 4 0 5'],
    ]);
  });

  it('refuses impossible options', () => {
    const add = (options: object) => () => addNegatives(events, { seed: 1, ...options });
    expect(add({ perPositive: 0 })).toThrow('addNegatives: expected perPositive to be a whole number from 1, got 0');
    expect(add({ perPositive: 1.5 })).toThrow('got 1.5');
    expect(add({ periodSeconds: 0 })).toThrow('addNegatives: expected periodSeconds above 0, got 0');
    expect(add({ periodSeconds: Number.POSITIVE_INFINITY })).toThrow('got Infinity');
    expect(add({ excluded: 'never' })).toThrow('addNegatives: expected excluded to be ever or soFar, got "never"');
    expect(add({ sessionGapSeconds: -1 })).toThrow('addNegatives: expected sessionGapSeconds from 0, got -1');
    const timeless = { ...events, timestamps: events.timestamps.map((time, i) => (i === 5 ? Number.NaN : time)) };
    expect(() => addNegatives(timeless, { seed: 1 })).toThrow('addNegatives: expected a time of every event, got NaN');
  });

  it('accepts no events', () => {
    const none = { positives: 0, negatives: 0, missing: 0, falseNegatives: 0 };
    expect(addNegatives(interactionsOf([]), { seed: 1 }).counts).toEqual(none);
  });
});
