import { ragged } from '@sifaka/data';
import { listOnline, type OnlineTrainer, type PresetOverrides, resumeOnline } from '@sifaka/trainer';
import { afterEach, describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, onlineMaker, rawItem } from './online-world.js';
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
