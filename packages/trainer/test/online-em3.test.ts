import { ragged } from '@sifaka/data';
import { listOnline, type NewItem, type OnlineTrainer, type PresetOverrides, resumeOnline } from '@sifaka/trainer';
import { afterEach, describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, onlineMaker, picture, rawItem } from './online-world.js';
import { tinyEm3 } from './small-world.js';
import { wholeState } from './whole-state.js';

const makeFolder = folderMaker();
const makeOnline = onlineMaker();
const resumed: OnlineTrainer[] = [];
afterEach(() => {
  for (const trainer of resumed.splice(0)) trainer.dispose();
});

const HARD = { kind: 'sim', search: { kind: 'hard' }, heads: 2 } as const;
const VARIANTS: Readonly<Record<string, PresetOverrides>> = {
  'a low-rank history': {},
  'a shared fusion': { content: { history: { kind: 'sharedFusion', rank: 2 } } },
  'a history encoded in the step': { content: { history: { kind: 'full' } } },
  'a hard search': { sequences: { liked: { ids: HARD, vectors: HARD } } },
};

describe.each(Object.entries(VARIANTS))('EM3 with %s, online', (_, overrides) => {
  test('learns, takes new items, ranks them, and resumes with the same numbers', async () => {
    const categories = ragged(Array.from({ length: 12 }, (_, item) => [item % 2]));
    const trainer = await makeOnline({ options: tinyEm3(overrides), categories });
    for (const event of colourEvents(64)) await trainer.push(event);
    await trainer.addItems([await rawItem('new', true)]);
    const folder = makeFolder();
    await trainer.save(folder);
    const ranked = await trainer.rank({ user: 'u1', candidates: ['new', '1', '2'] });
    expect(ranked.map(({ item }) => item).sort()).toEqual(['1', '2', 'new']);
    expect(ranked.every(({ hasVector }) => hasVector)).toBe(true);
    const again = await resumeOnline((await listOnline(folder))[0]!);
    resumed.push(again);
    expect(await again.rank({ user: 'u1', candidates: ['new', '1', '2'] })).toEqual(ranked);
    for (const each of [trainer, again]) for (const event of colourEvents(32, { from: 64 })) await each.push(event);
    expect(wholeState(again.training)).toEqual(wholeState(trainer.training));
  });
});

describe('the hard search, online', () => {
  const categories = ragged(Array.from({ length: 12 }, (_, item) => [item % 2]));
  const options = tinyEm3({ sequences: { liked: { ids: HARD, vectors: HARD } } });

  test('finds what a new item shares with the history by the categories that it came with', async () => {
    const trainer = await makeOnline({ options, categories });
    for (const event of colourEvents(64)) await trainer.push(event); // Even items are liked: those of category 0.
    const content = { title: 'film', image: await picture(true) };
    const items = [
      { id: 'even', categories: [5, 0, 0] },
      { id: 'odd', categories: [1] },
      { id: 'other', categories: [9] },
      { id: 'none', categories: [] },
      { id: 'unknown' },
    ];
    const added = await trainer.addItems(items.map((item) => ({ ...item, ...content })));
    expect(added).toMatchObject({ added: 5, categories: { ok: 4, missing: 1 } });
    const score = async (id: string) => (await trainer.rank({ user: 'u1', candidates: [id] }))[0]!.logit;
    const unknown = await score('unknown');
    expect(await score('none')).toBe(unknown);
    expect(await score('other')).toBe(unknown); // Nothing in the history has its category.
    expect(await score('odd')).toBe(unknown); // The history holds liked items, all even.
    expect(await score('even')).not.toBe(unknown);

    // New content without categories leaves those that are known, and later ones replace them.
    await trainer.addItems([{ id: 'even', ...content }]);
    expect(await score('even')).not.toBe(unknown);
    await trainer.addItems([{ id: 'even', ...content, categories: [] }]);
    expect(await score('even')).toBe(unknown);
  });

  test('refuses what is no category, and categories for a catalogue without any', async () => {
    const [trainer, bare] = [await makeOnline({ options, categories }), await makeOnline({ options: tinyEm3() })];
    const refusal = (given: unknown, of = trainer) =>
      of.addItems([{ id: 'x' }, { id: 'y', categories: given } as NewItem]);
    const at = 'OnlineTrainer.addItems: item 1: categories: expected';
    await expect(refusal('genre')).rejects.toThrow(`${at} an array of category ids, got "genre"`);
    await expect(refusal([0, -1])).rejects.toThrow(`${at} category ids in 0 … 2³¹ − 1, got -1`);
    await expect(refusal([0.5])).rejects.toThrow(`${at} category ids in 0 … 2³¹ − 1, got 0.5`);
    await expect(refusal([undefined])).rejects.toThrow(`${at} category ids in 0 … 2³¹ − 1, got undefined`);
    await expect(refusal(['0'])).rejects.toThrow(`${at} category ids in 0 … 2³¹ − 1, got "0"`);
    await expect(refusal([0], bare)).rejects.toThrow(`${at} none, because the catalogue has no categories, got 1`);
    expect([trainer.catalogue.size, bare.catalogue.size]).toEqual([12, 12]);
    expect((await bare.addItems([{ id: 'x' }])).categories).toBeUndefined();
  });
});
