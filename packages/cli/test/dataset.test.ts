import { assembleDataset, shortHash } from '@sifaka/cli';
import { buildCatalogue } from '@sifaka/trainer';
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

it('has another fingerprint if a black image is missing', async () => {
  const { samples, split, catalogue } = await smallDataset();
  const built = await buildCatalogue([{ text: 'space' }], { vocabularyItems: [0] });
  const fingerprints = [0, 1].map((present) => {
    const images = { ...catalogue.images, present: catalogue.images.present.with(3, present) };
    return assembleDataset({ samples, split, built: { ...built, catalogue: { ...catalogue, images } } }).report
      .fingerprint;
  });
  expect(fingerprints[0]).not.toBe(fingerprints[1]);
});

it('hashes by SHA-256', () => {
  expect(shortHash('abc')).toBe('ba7816bf8f01cfea'); // FIPS 180-2, appendix B.1
});
