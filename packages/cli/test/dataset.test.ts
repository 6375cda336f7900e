import { assembleDataset, fixableMessage, shortHash } from '@sifaka/cli';
import { LabelError, type Samples, type Split } from '@sifaka/data';
import { type BuiltCatalogue, buildCatalogue, type Catalogue } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { EVENTS, ITEMS, smallDataset } from './small-dataset.js';

it('describes the data: parts, cold items, texts, counted rows, warnings', async () => {
  const { samples, split, cold, report, warnings } = await smallDataset();
  expect(report).toMatchObject({
    events: EVENTS,
    train: 0.8 * EVENTS,
    validation: 0.1 * EVENTS,
    test: 0.1 * EVENTS,
    users: 11,
    items: ITEMS,
    coldItems: 1,
    historyAsOf: 'event',
    split: { kind: 'globalTime' },
    images: { ok: 0, missing: ITEMS, broken: 0 },
    brokenImages: [],
    texts: { ok: ITEMS, missing: 0 },
    duplicateRows: 3,
    duplicateItems: 0,
    unknownItemEvents: 0,
  });
  expect(report).not.toHaveProperty('queries');
  expect(samples.length).toBe(EVENTS);
  expect(split.train.length).toBe(report.train);
  expect([...cold]).toEqual([...new Array(ITEMS - 1).fill(0), 1]);
  expect(warnings).toEqual(['made up']);
  expect(report.warnings).toEqual(warnings);
});

it('refuses a train part of one class, with a message that the user can act on', async () => {
  const { samples, split, catalogue } = await smallDataset();
  const built = { catalogue, counts: { images: {}, texts: {} }, brokenImages: [] } as unknown as BuiltCatalogue;
  const caught = (label: 0 | 1): unknown => {
    try {
      return assembleDataset({ samples: { ...samples, labels: samples.labels.map(() => label) }, split, built });
    } catch (error) {
      return error;
    }
  };
  expect(LabelError.isInstance(caught(0))).toBe(true);
  expect(fixableMessage(caught(0))).toContain('in the train part, got 0 liked and 320 disliked');
  expect(fixableMessage(caught(1))).toContain('in the train part, got 320 liked and 0 disliked');
});

it('refuses samples with another number of items than the catalogue', async () => {
  const { samples, split, catalogue } = await smallDataset();
  const built = { catalogue, counts: { images: {}, texts: {} }, brokenImages: [] } as unknown as BuiltCatalogue;
  expect(() => assembleDataset({ samples: { ...samples, numItems: ITEMS - 1 }, split, built })).toThrow(
    "assembleDataset: expected the catalogue's 20 items, got 19 items in the samples",
  );
});

it('has the same fingerprint for the same data, and another one after any change', async () => {
  const fingerprints = [
    await smallDataset(),
    await smallDataset(),
    await smallDataset({ text: 'a heist in space' }),
    await smallDataset({ likedInTest: false }),
  ].map(({ report }) => report.fingerprint);
  expect(fingerprints[1]).toBe(fingerprints[0]);
  expect(new Set(fingerprints).size).toBe(3);
  expect(fingerprints[0]).toMatch(/^[0-9a-f]{16}$/);
});

it('has another fingerprint if a black image is missing, or any other column differs', async () => {
  const { samples, split, catalogue } = await smallDataset();
  const built = await buildCatalogue([{ text: 'space' }], { vocabularyItems: [0] });
  const { images, documents, titles } = catalogue;
  const of = (changes: { samples?: Partial<Samples>; split?: Partial<Split>; catalogue?: Partial<Catalogue> }) =>
    assembleDataset({
      samples: Object.assign(Object.create(samples), changes.samples),
      split: { ...split, ...changes.split },
      built: { ...built, catalogue: { ...catalogue, ...changes.catalogue } },
    }).report.fingerprint;
  const fingerprints = [
    of({}),
    of({ catalogue: { images: { ...images, present: images.present.with(3, 1) } } }),
    of({ catalogue: { images: { ...images, pixels: images.pixels.with(3, 1) } } }),
    of({ catalogue: { images: { ...images, width: images.height, height: images.width } } }),
    of({ catalogue: { documents: { ...documents, ids: documents.ids.with(0, 99) } } }),
    of({ catalogue: { documents: { ...documents, lengths: documents.lengths.with(0, 9) } } }),
    of({ catalogue: { titles: { ...titles, ids: titles.ids.with(0, 99) } } }),
    of({ catalogue: { titles: { ...titles, lengths: titles.lengths.with(0, 9) } } }),
    of({ split: { train: split.train.slice(1) } }),
    of({ split: { validation: split.validation.slice(1) } }),
    of({ split: { test: split.test.slice(1) } }),
    of({ split: { kind: 'userTime' } }),
    of({ samples: { users: samples.users.with(0, 5) } }),
    of({ samples: { items: samples.items.with(0, 5) } }),
    of({ samples: { timestamps: samples.timestamps.with(0, 5) } }),
    of({ samples: { labels: samples.labels.map((label) => 1 - label) } }),
    of({ samples: { queryIds: samples.queryIds.with(0, 5) } }),
    of({ samples: { queries: ['a query'] } }),
  ];
  expect(new Set(fingerprints).size).toBe(fingerprints.length);
});

it('hashes by SHA-256', () => {
  expect(shortHash('abc')).toBe('ba7816bf8f01cfea'); // FIPS 180-2, appendix B.1
});
