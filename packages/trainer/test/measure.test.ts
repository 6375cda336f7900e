import { buildSamples, InteractionBuilder, type Samples } from '@sifaka/data';
import { measure } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';

/** Samples in the order of the events; users and items are numbers. */
function samplesOf(events: readonly (readonly [user: number, item: number, label: 0 | 1])[], items: number): Samples {
  const builder = new InteractionBuilder();
  events.forEach(([user, item, label], i) => {
    builder.add(String(user), String(item), label === 1 ? 5 : 1, 1000 + i);
  });
  const itemIds = Array.from({ length: items }, (_, item) => String(item));
  return buildSamples(builder.build({ itemIds }).interactions);
}

const all = (samples: Samples) => Int32Array.from({ length: samples.length }, (_, i) => i);
const NO_QAUC = { value: Number.NaN, usableGroups: 0, usableSamples: 0 };

describe('measure', () => {
  // Three users; item 2 is cold. The metrics can be computed by hand.
  const samples = samplesOf(
    [
      [0, 0, 1],
      [0, 1, 0],
      [0, 2, 1],
      [1, 0, 0],
      [1, 2, 0],
      [2, 1, 1],
      [2, 2, 1],
    ],
    3,
  );
  const logits = Float32Array.of(2, 1, 0, 0, -1, 1, -2);
  const options = { samples, indices: all(samples), cold: Uint8Array.of(0, 0, 1) };

  test('gives AUC, GAUC by user and log loss as computed by hand', () => {
    const { all: figures } = measure(logits, options);
    // Positives 2, 0, 1, −2 against negatives 1, 0, −1: 3 + 1.5 + 2.5 + 0 of 12 pairs.
    expect(figures.auc).toBeCloseTo(7 / 12, 12);
    // Only user 0 has both classes: 2 beats 1, 0 does not.
    expect(figures.gauc).toMatchObject({ bySamples: 0.5, usableGroups: 1 });
    expect(figures.qauc).toEqual(NO_QAUC);
    const softplus = (z: number) => Math.log(1 + Math.exp(z));
    const total = [-2, 1, 0, 0, -1, -1, 2].reduce((sum, z) => sum + softplus(z), 0);
    expect(figures.logLoss).toBeCloseTo(total / 7, 6);
    expect(figures.events).toBe(7);
  });

  test('gives the same for the events of cold items', () => {
    const { cold } = measure(logits, options);
    // Positives 0 and −2 against the negative −1.
    expect(cold).toMatchObject({ events: 3, auc: 0.5, gauc: { usableGroups: 0, bySamples: Number.NaN } });
  });

  test('gives QAUC by query id as computed by hand, over the events with a query', () => {
    // Query 0: 2 beats 1. Query 1: 0 ties with 0 and beats −1, three quarters. Query 2 has one class, the last event no
    // query.
    const withQueries = { ...samples, queryIds: Int32Array.of(0, 0, 1, 1, 1, 2, -1), queries: ['a', 'b', 'c'] };
    const { all: figures, cold } = measure(logits, { ...options, samples: withQueries });
    expect(figures.qauc).toEqual({ value: 0.875, usableGroups: 2, usableSamples: 5 });
    expect(cold.qauc).toEqual({ value: 1, usableGroups: 1, usableSamples: 2 });
    expect(figures.gauc).toMatchObject({ bySamples: 0.5, usableGroups: 1 });
  });

  test('gives GAUC by visit as computed by hand, weighted by samples and plain', () => {
    // Visit 0: 2 beats 1. Visit 1: 0 ties with 0 and beats −1, three quarters. Visit 2 has one class.
    const sessions = Int32Array.of(0, 0, 1, 1, 1, 2, 2);
    const { all: figures, cold } = measure(logits, { ...options, samples: { ...samples, sessions } });
    expect(figures.gauc.byVisit).toEqual({ weighted: (2 * 1 + 3 * 0.75) / 5, mean: 0.875, usableVisits: 2 });
    expect(cold.gauc.byVisit).toEqual({ weighted: 1, mean: 1, usableVisits: 1 });
  });

  test('measures the chosen samples, in their order', () => {
    const indices = Int32Array.of(4, 2, 0);
    const { all: figures } = measure(Float32Array.of(-1, 0, 2), { ...options, indices });
    expect(figures).toMatchObject({ events: 3, auc: 1 });
  });

  test('gives NaN for a part without events', () => {
    const { all: figures, cold } = measure(logits.subarray(0, 2), { ...options, indices: Int32Array.of(0, 1) });
    expect(figures.events).toBe(2);
    const none = {
      events: 0,
      auc: Number.NaN,
      gauc: {
        ...{ bySamples: Number.NaN, usableGroups: 0 },
        byVisit: { weighted: Number.NaN, mean: Number.NaN, usableVisits: 0 },
      },
      qauc: NO_QAUC,
      logLoss: Number.NaN,
    };
    expect(cold).toEqual(none);
    expect(measure(new Float32Array(0), { ...options, indices: new Int32Array(0) })).toEqual({ all: none, cold: none });
  });
});
