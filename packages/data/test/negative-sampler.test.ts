import { buildSamples, itemPopularity, NegativeSampler, splitByTime } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const samples = buildSamples(
  interactionsOf(madeUpEvents(600), ['never', ...Array.from({ length: 25 }, (_, i) => `${i + 1}`)]),
);
// Early enough that no user has events with all items.
const rows = Int32Array.from({ length: 60 }, (_, i) => i);

const at = (timestamp: number, item: string, user = '1') => ({ user, item, rating: 1, timestamp });

describe('NegativeSampler', () => {
  it('never draws an item with an event of the user up to the sample’s timestamp', () => {
    const negatives = new NegativeSampler({ samples, seed: 1 }).sample(rows, 8, 0);
    expect(negatives.length).toBe(480);
    const hasEvent = (row: number, item: number) =>
      samples.items.some(
        (other, i) =>
          other === item &&
          samples.users[i] === samples.users[row] &&
          samples.timestamps[i]! <= samples.timestamps[row]!,
      );
    expect([...negatives].filter((item, i) => hasEvent(rows[Math.floor(i / 8)]!, item))).toEqual([]);
    expect(hasEvent(rows[0]!, samples.items[rows[0]!]!)).toBe(true);
  });

  it('may draw items of the user’s later events', () => {
    const two = buildSamples(interactionsOf([at(1, 'a'), at(2, 'b')]));
    const sampler = new NegativeSampler({ samples: two, seed: 1 });
    expect([...sampler.sample(Int32Array.of(0), 4, 0)]).toEqual([1, 1, 1, 1]);
    expect(() => sampler.sample(Int32Array.of(1), 1, 0)).toThrow('user 0 of sample 1 has interacted with every item');
    expect(() => sampler.sample(Int32Array.of(1), -1, 0)).toThrow('expected count to be a whole number from 0, got -1');
    expect(() => sampler.sample(Int32Array.of(1), 1, 0.5)).toThrow(
      'expected step to be a whole number from 0, got 0.5',
    );
  });

  it('depends on seed and step only', () => {
    const draw = (seed: number, step: number) => [...new NegativeSampler({ samples, seed }).sample(rows, 3, step)];
    expect(draw(1, 5)).toEqual(draw(1, 5));
    expect(draw(1, 6)).not.toEqual(draw(1, 5));
    expect(draw(2, 5)).not.toEqual(draw(1, 5));
  });

  it('draws the same items in every release', () => {
    const events = Array.from({ length: 12 }, (_, i) => ({ user: 'u', item: `${i}`, rating: 5, timestamp: i }));
    const sampler = new NegativeSampler({ samples: buildSamples(interactionsOf(events)), seed: 1 });
    expect([...sampler.sample(Int32Array.of(0, 0, 0, 0), 3, 5)]).toEqual([7, 2, 6, 11, 3, 11, 9, 1, 3, 5, 6, 6]);
  });

  it('draws in proportion to the weights', () => {
    const few = buildSamples(interactionsOf([at(1, 'a')], ['a', 'b', 'c', 'd', 'e']));
    const weights = [50, 1, 2, 0, 5];
    const counts = new Float64Array(5);
    const draws = 8000;
    for (const item of new NegativeSampler({ samples: few, seed: 3, weights }).sample(Int32Array.of(0), draws, 0)) {
      counts[item]!++;
    }
    expect([counts[0], counts[3]]).toEqual([0, 0]);
    // Chi-squared with 2 degrees of freedom exceeds 13.8 with probability 0.001. The seed fixes the outcome.
    const chi = [1, 2, 4].reduce(
      (sum, i) => sum + (counts[i]! - (draws * weights[i]!) / 8) ** 2 / ((draws * weights[i]!) / 8),
      0,
    );
    expect(chi).toBeLessThan(13.8);
  });

  it('draws only items of train by train popularity', () => {
    const popularity = itemPopularity(samples, splitByTime(samples).train.subarray(0, 30));
    const negatives = new NegativeSampler({ samples, seed: 1, weights: popularity }).sample(rows, 8, 0);
    expect(negatives.every((item) => popularity[item]! > 0)).toBe(true);
  });

  it('finds the only item left among thousands', () => {
    const ids = Array.from({ length: 3000 }, (_, i) => `${i}`);
    const all = buildSamples(
      interactionsOf(
        ids.slice(1).map((item) => at(1, item)),
        ids,
      ),
    );
    expect([...new NegativeSampler({ samples: all, seed: 1 }).sample(Int32Array.of(0), 2, 0)]).toEqual([0, 0]);
  });

  it('refuses invalid weights', () => {
    const make = (weights: number[]) => () => new NegativeSampler({ samples, seed: 1, weights });
    expect(make([1, 2])).toThrow('expected 26 weights, one per item, got 2');
    expect(make(new Array(26).fill(0))).toThrow('expected a positive weight');
    expect(make(new Array(26).fill(-1))).toThrow('got -1 for item 0');
  });
});
