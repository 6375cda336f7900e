import type { StreamEvent } from '@sifaka/data';
import { MemoryBank } from '@sifaka/memory-bank';
import {
  type Arrival,
  exportWeights,
  listOnline,
  type NewItem,
  type OnlineMetrics,
  type OnlineSettings,
  OnlineTrainer,
} from '@sifaka/trainer';
import { fill, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test, vi } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, onlineMaker, rawItem } from './online-world.js';
import { FAST, tinyIdOnly, tinyLemur, tinyTwoStage } from './small-world.js';
import { changedWeights, wholeState } from './whole-state.js';

const makeOnline = onlineMaker();
const makeFolder = folderMaker();
const LEARNING = {
  userDropout: 0.1,
  itemDropout: 0.3,
  optimizer: FAST,
};

async function logits(trainer: OnlineTrainer, candidates: readonly (string | number)[], user = 'u1') {
  const ranked = await trainer.rank({ user, candidates });
  return new Map(ranked.map(({ item, logit }) => [item, logit]));
}

describe('a live model', () => {
  test('learns from new events to rank items that users like above those that they dislike', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING), metricsEvery: 10 });
    await trainer.run(colourEvents(16));
    const before = await logits(trainer, [0, 1]);
    await trainer.run(colourEvents(480, { from: 16, seed: 2 }));
    const after = await logits(trainer, [0, 1]);
    expect(after.get('0')! - after.get('1')!).toBeGreaterThan(before.get('0')! - before.get('1')! + 1);
  });

  test('changes a user’s scores after one like or dislike, and no other user’s', async () => {
    const trainer = await makeOnline({
      options: tinyLemur({ ...LEARNING, optimizer: { learningRate: 0, encoderLearningRate: 0, tableLearningRate: 0 } }),
      rate: 0,
      stream: { batchSize: 1 },
    });
    for (const event of colourEvents(16, { users: 2 })) await trainer.push(event);
    const before = [await logits(trainer, [1, 3], 'u0'), await logits(trainer, [1, 3], 'u1')];
    await trainer.push({ user: 'u0', item: 5, label: 1, timestamp: 1_100_000_000 });
    const after = [await logits(trainer, [1, 3], 'u0'), await logits(trainer, [1, 3], 'u1')];
    expect(after[0]).not.toEqual(before[0]);
    expect(after[1]).toEqual(before[1]); // The rate is 0, so the weights stay.
    await trainer.push({ user: 'u1', item: 5, label: 0, timestamp: 1_100_000_001 });
    const disliked = [await logits(trainer, [1, 3], 'u0'), await logits(trainer, [1, 3], 'u1')];
    expect(disliked[0]).toEqual(after[0]);
    expect(disliked[1]).not.toEqual(after[1]);
  });

  test('scores each batch before it learns from it, and reports each interval', async () => {
    const reported: OnlineMetrics[] = [];
    const trainer = await makeOnline({
      options: tinyLemur(LEARNING),
      metricsEvery: 10,
      onMetrics: (metrics) => reported.push(metrics),
    });
    await trainer.run(colourEvents(480));
    expect(reported.map(({ step }) => step)).toEqual([10, 20, 30]);
    const [first, , last] = reported;
    expect(first!.counts).toMatchObject({
      samples: 160,
      arrivals: 160,
      late: 0,
      refused: 0,
      newItems: 0,
      skippedSteps: 0,
    });
    expect(first!.cold.events).toBeGreaterThan(0);
    expect(last!.cold).toEqual({ events: 0, auc: null });
    expect(last!.auc!).toBeGreaterThan(0.9);
    expect(last!.logLoss!).toBeLessThan(first!.logLoss!);
    expect(last!.candidateCoverage).toBe(1);
    expect(last!.bankSize).toBe(12);
    expect(last!.samplesPerSecond).toBeGreaterThan(0);
    expect(trainer.counts).toMatchObject({ samples: 480, users: 8 });
  });

  test('reports the AUC of predictions made before the labels were seen', async () => {
    const options = tinyIdOnly(LEARNING);
    const reported: OnlineMetrics[] = [];
    const trainer = await makeOnline({ options, metricsEvery: 1, onMetrics: (metrics) => reported.push(metrics) });
    await trainer.run(colourEvents(16).map((event, i) => ({ ...event, user: i })));
    // Nothing is learned and no history has an item, so all rows read the unknown ids and tie.
    expect(reported[0]).toMatchObject({ auc: 0.5, candidateCoverage: 0, historyCoverage: null, bankSize: 0 });
  });
});

describe('a new item', () => {
  test('with content alone has a vector at once and is ranked by it, without event or step', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING) });
    await trainer.run(colourEvents(640));
    const { step } = trainer;
    const weights = () => {
      const {
        'bank.ids': _,
        'bank.vectors': __,
        'bank.steps': ___,
        'bank.versions': ____,
        ...rest
      } = wholeState(trainer.training);
      return Object.fromEntries(Object.entries(rest).filter(([name]) => name.startsWith('dense')));
    };
    const before = weights();
    const added = await trainer.addItems([await rawItem('new red', true), await rawItem('new blue', false)]);
    expect(added).toEqual({ added: 2, replaced: 0, refused: 0, images: { ok: 2, missing: 0, broken: 0 } });
    expect(trainer.step).toBe(step);
    expect(weights()).toEqual(before);
    const [red, blue] = [12, 13];
    expect(trainer.itemIds.slice(12)).toEqual(['new red', 'new blue']);
    expect([trainer.model.bank.has(red), trainer.model.bank.has(blue)]).toEqual([true, true]);
    expect(trainer.model.bank.read([red]).vectors).toEqual(trainer.model.encode(Int32Array.of(red)));
    const ranked = await trainer.rank({ user: 'u1', candidates: ['new blue', 'new red'] });
    expect(ranked.map(({ item, hasVector }) => [item, hasVector])).toEqual([
      ['new red', true],
      ['new blue', true],
    ]);
    expect(ranked[0]!.logit - ranked[1]!.logit).toBeGreaterThan(1);
  });

  test('can arrive between events, and events on it are learned from', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING) });
    const source = async function* (): AsyncGenerator<Arrival> {
      yield* colourEvents(8);
      yield { items: [await rawItem(12, true), await rawItem(13, false)] };
      yield* colourEvents(24, { from: 8, numItems: 14 });
    };
    await trainer.run(source());
    expect(trainer.counts).toMatchObject({ arrivals: 33, samples: 32, newItems: 2, unannounced: 0 });
    const [twelve, thirteen] = [12, 13].map((item) => trainer.model.tables.items.updates[item + 1]!);
    expect(twelve! + thirteen!).toBeGreaterThan(0);
    expect(trainer.model.tables.items.size).toBeGreaterThanOrEqual(14);
    expect(trainer.catalogue.images.present[12]).toBe(1);
  });

  test('can have an event before its content, which then replaces the empty content', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING) });
    const events = colourEvents(16).map((event, i): StreamEvent => (i === 3 ? { ...event, item: 'early' } : event));
    await trainer.run(events);
    expect(trainer.counts.unannounced).toBe(1);
    expect(trainer.itemIds[12]).toBe('early');
    const without = trainer.model.bank.read([12]).vectors;
    expect(await trainer.addItems([await rawItem('early', true)])).toMatchObject({ added: 0, replaced: 1 });
    expect(trainer.model.bank.read([12]).vectors).not.toEqual(without);
    expect(trainer.catalogue.size).toBe(13);
  });

  test('that cannot be encoded is not added, and can be added later', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING), maxItems: 14 });
    const items = [
      await rawItem('a', true),
      await rawItem('b', true),
      await rawItem('c', true),
      await rawItem('a', false),
      await rawItem(3, true),
    ];
    const state = () => ({ state: trainer.state(), ids: trainer.itemIds.length, size: trainer.catalogue.size });
    const before = state();
    const encode = vi.spyOn(trainer.model, 'encode').mockImplementationOnce(() => {
      throw new Error('the engine fails');
    });
    await expect(trainer.addItems(items)).rejects.toThrow('the engine fails');
    encode.mockRestore();
    expect(state()).toEqual(before);
    expect(trainer.counts).toMatchObject({ arrivals: 0, newItems: 0 });
    expect(await trainer.addItems(items)).toMatchObject({ added: 2, replaced: 2, refused: 1 }); // The first a is replaced.
    expect(trainer.itemIds.slice(12)).toEqual(['a', 'b']);
    expect([...trainer.model.bank.snapshot().ids].sort((a, b) => a - b)).toEqual([3, 12, 13]);
    for (const item of [3, 12, 13]) {
      expect(trainer.model.bank.read([item]).vectors).toBeAllClose(trainer.model.encode(Int32Array.of(item)));
    }
    expect(trainer.counts).toMatchObject({ arrivals: 1, newItems: 2, refused: 1 });
  });

  test('without a readable image is counted, and has a vector from its text', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING) });
    const added = await trainer.addItems([
      { id: 'a', title: 'film', image: Uint8Array.of(1, 2, 3) },
      { id: 'b', title: 'other', image: '/no/such/file.png' },
      { id: 'c' },
    ]);
    expect(added).toEqual({ added: 3, replaced: 0, refused: 0, images: { ok: 0, missing: 2, broken: 1 } });
    expect(trainer.model.bank.size).toBe(3);
  });

  test('has a vector with frozen encoders, and none in an id-only model', async () => {
    const frozen = await makeOnline({ options: tinyTwoStage({ ...LEARNING, pretrainSteps: 0 }) });
    await frozen.addItems([await rawItem('new', true)]);
    await frozen.run(colourEvents(32));
    expect([...frozen.model.bank.snapshot().ids]).toEqual([12]);
    const idOnly = await makeOnline({ options: tinyIdOnly(LEARNING) });
    await idOnly.addItems([await rawItem('new', true)]);
    await idOnly.run(colourEvents(32));
    expect(await idOnly.rank({ user: 'u0', candidates: ['new'] })).toMatchObject([{ hasVector: false }]);
  });
});

describe('serving', () => {
  test('reads no raw content: blank images and documents change no score', async () => {
    const trainer = await makeOnline({ options: tinyLemur({ ...LEARNING, sequences: { long: { length: 3 } } }) });
    await trainer.run(colourEvents(64));
    await trainer.addItems([await rawItem('new', true)]);
    const candidates = [...trainer.itemIds];
    const before = await trainer.rank({ user: 'u1', candidates });
    const { images, documents } = trainer.catalogue;
    images.pixels.fill(0);
    images.present.fill(0);
    documents.lengths.fill(0);
    expect(await trainer.rank({ user: 'u1', candidates })).toEqual(before);
  });

  test('changes nothing', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING) });
    await trainer.run(colourEvents(40));
    const before = [wholeState(trainer.training), trainer.state(), trainer.model.bank.reads(0)];
    await trainer.rank({ user: 'u1', candidates: [0, 1, 'an unknown item'] });
    await trainer.rank({ user: 'a stranger', candidates: [0] });
    expect([wholeState(trainer.training), trainer.state(), trainer.model.bank.reads(0)]).toEqual(before);
  });

  test('reads the histories that the user’s next training row would have', async () => {
    const options = tinyLemur({ sequences: { long: { length: 3 }, disliked: { length: 5 } } });
    const trainer = await makeOnline({ options, rate: 0, stream: { batchSize: 4 } });
    const events = colourEvents(60, { users: 2 }).map((event, i) => ({ ...event, timestamp: 1e9 + Math.floor(i / 3) }));
    for (const event of events) await trainer.push(event);
    await trainer.flush();
    const ranked = await logits(trainer, [2], 'u1');
    const next = trainer.stream;
    next.push({ user: 'u1', item: 2, label: 0, timestamp: 1_100_000_000 });
    const batch = next.flush()!;
    // The stream numbers items in the order of their first event, the catalogue as it was built.
    const inCatalogue = (ids: Int32Array) => ids.map((id) => (id < 0 ? id : Number(next.itemIds[id])));
    const { liked, long, recent } = batch.histories;
    expect([long!.lengths[0], recent!.lengths[0], new Set(recent!.labels)]).toEqual([3, 5, new Set([0, 1])]);
    const translated = {
      ...batch,
      items: inCatalogue(batch.items),
      histories: {
        liked: { ...liked!, items: inCatalogue(liked!.items) },
        long: { ...long!, items: inCatalogue(long!.items) },
        recent: { ...recent!, items: inCatalogue(recent!.items) },
      },
    };
    const score = (of: typeof translated) => [...trainer.model.predict(of, trainer.model.bank)];
    expect(score(translated)).toBeAllClose([ranked.get('2')!]);
    const allLiked = { ...translated.histories.recent, labels: recent!.labels.map(() => 1) };
    const otherwise = score({ ...translated, histories: { ...translated.histories, recent: allLiked } });
    expect(Math.abs(otherwise[0]! - ranked.get('2')!)).toBeGreaterThan(1e-4);
  });

  test('unknown users and items read the unknown rows until their tables grow', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING) });
    await trainer.run(colourEvents(64));
    const strangers = await logits(trainer, [0, 'unknown item'], 'stranger');
    expect(strangers).toEqual(await logits(trainer, [0, 'unknown item'], 'other stranger'));
    expect(trainer.model.tables.users.size).toBeGreaterThanOrEqual(8);
    const rows = trainer.model.tables.users.size;
    await trainer.run(colourEvents(64, { users: 40, from: 64 }));
    expect(trainer.counts.users).toBeGreaterThan(rows);
    expect(trainer.model.tables.users.size).toBeGreaterThanOrEqual(trainer.counts.users);
  });

  test('reads the typed query, known to the stream or not, if the model reads the samples’ queries', async () => {
    const options = tinyLemur({ ...LEARNING, content: { query: 'samples' } });
    const trainer = await makeOnline({ options, queries: ['film 1'] });
    const typed = (text: string) =>
      colourEvents(32, { from: text.length * 100 }).map((event) => ({ ...event, query: text }));
    await trainer.run([...typed('film 1'), ...typed('new words')]);
    expect(trainer.stream.queries).toEqual(['film 1', 'new words']);
    expect(trainer.catalogue.queries!.lengths.length).toBe(2);
    const ask = async (query: string) => (await trainer.rank({ user: 'u1', candidates: [0], query }))[0]!.logit;
    expect(await ask('  New  words ')).toBe(await ask('new words'));
    expect(await ask('film 1')).not.toBe(await ask('never typed'));
    expect(trainer.catalogue.queries!.lengths.length).toBe(2);
  });
});

describe('memory', () => {
  test('is bounded by the options, and refused events and items are counted', async () => {
    const trainer = await makeOnline({
      options: tinyLemur(LEARNING),
      maxItems: 13,
      stream: { maxUserIds: 5, maxUsers: 3 },
    });
    trainer.model.replaceBank(new MemoryBank({ dim: 16, capacity: 6 }));
    const added = await trainer.addItems([await rawItem(12, true), await rawItem(13, true)]);
    expect(added).toMatchObject({ added: 1, refused: 1 });
    await trainer.run(colourEvents(160, { numItems: 20, users: 9 }));
    expect(trainer.catalogue.size).toBe(13);
    expect(trainer.model.bank.size).toBe(6);
    expect(trainer.state().stream.histories.users.length).toBe(3);
    expect(trainer.stream.counts.forgottenUsers).toBeGreaterThan(0);
    const { samples, refused, users, arrivals } = trainer.counts;
    expect(users).toBe(5);
    expect(samples + refused - 1).toBe(160); // One of the refused is an item.
    expect(arrivals).toBe(161);
    expect(trainer.model.tables.items.size).toBeLessThanOrEqual(18);
  });
});

describe('an event', () => {
  test('that comes late is counted and not learned from, but enters its user’s history', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly(), stream: { batchSize: 2 } });
    await trainer.run(colourEvents(4, { users: 1 }));
    const { step } = trainer;
    await trainer.push({ user: 'u0', item: 11, label: 1, timestamp: 999_999_999 });
    expect([trainer.counts.late, trainer.step]).toEqual([1, step]);
    await trainer.run(colourEvents(2, { users: 1, from: 10 }));
    const { items, lengths } = trainer.stream.histories('u0')['liked']!;
    const oldest = items[lengths[0]! - 1]!;
    expect(trainer.stream.itemIds[oldest]).toBe('11');
  });
});

describe('the settings', () => {
  test('the rate scales every step: at 0 nothing is learned', async () => {
    const trainer = await makeOnline({ options: tinyLemur(LEARNING), rate: 0 });
    const before = exportWeights(trainer.model);
    await trainer.run(colourEvents(32));
    expect(changedWeights(before, exportWeights(trainer.model))).toEqual([]);
  });

  test('checkpoints are saved at their interval, not at every step', async () => {
    const folder = makeFolder();
    const trainer = await makeOnline({ options: tinyIdOnly(), stream: { batchSize: 8 } });
    await trainer.run(colourEvents(64), { checkpoints: { folder, every: 100 } });
    expect(await listOnline(folder)).toHaveLength(1);
  });

  test('a table grows by half, so that few additions copy it', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly() });
    await trainer.addItems([{ id: 'new', text: 'one' }]);
    expect(trainer.model.tables.items.size).toBe(18);
  });
});

describe('an online trainer refuses', () => {
  test.each<[what: string, item: unknown, reason: string]>([
    ['an item without an id', { itemId: 'x', text: 'one' }, 'expected an id as id, got undefined'],
    ['an empty id', { id: '' }, 'expected an id as id, got ""'],
    ['an id beyond 2⁵³', { id: 2 ** 53 }, 'expected an id as id, got 9007199254740992'],
    ['a fraction', { id: 1.5 }, 'expected an id as id, got 1.5'],
    ['an id of null', { id: null }, 'expected an id as id, got null'],
    ['an object as id', { id: {} }, 'expected an id as id, got'],
    ['half of a pair', { id: '\ud83d' }, 'expected an id as id, got'],
    ['a numeric title', { id: 'y', title: 1984 }, 'title: expected text or undefined, got 1984'],
    ['a text that is null', { id: 'y', text: null }, 'text: expected text or undefined, got null'],
    ['a numeric image', { id: 'y', image: 7 }, 'image: expected a path, the bytes of a file or undefined, got 7'],
    ['null as item', null, 'expected an object, got null'],
  ])('new items with %s, by position, and adds nothing', async (_, item, reason) => {
    const trainer = await makeOnline({ options: tinyIdOnly() });
    const before = trainer.state();
    const adding = trainer.addItems([{ id: 'good', text: 'one' }, item as NewItem]);
    await expect(adding).rejects.toThrow(`OnlineTrainer.addItems: item 1: ${reason}`);
    expect(trainer.state()).toEqual(before);
    expect([trainer.catalogue.size, trainer.itemIds.length]).toEqual([12, 12]);
    expect(await trainer.addItems([{ id: 'good', text: 'one' }])).toMatchObject({ added: 1 });
  });

  test('to rank by scores that are not finite, naming them', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly() });
    const head = trainer.model.parameters.get('head.head.weight')!;
    tidy(() => head.assign(fill(head.shape, Number.NaN)));
    await expect(trainer.rank({ user: 'u', candidates: [0, 1] })).rejects.toThrow(
      'OnlineTrainer.rank: expected finite numbers, got NaN in logits',
    );
  });

  test('to rank for or among ids that are none', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly() });
    const rank = (user: unknown, candidate: unknown) =>
      trainer.rank({ user: user as string, candidates: [0, candidate as string] });
    await expect(rank('', 1)).rejects.toThrow('OnlineTrainer.rank: expected an id as user');
    await expect(rank('u', undefined)).rejects.toThrow('OnlineTrainer.rank: expected an id as candidate 1');
    await expect(rank('u', 2 ** 60)).rejects.toThrow('OnlineTrainer.rank: expected an id as candidate 1');
    await expect(trainer.rank({ user: 'u', candidates: [0], query: 7 as unknown as string })).rejects.toThrow(
      'OnlineTrainer.rank: expected query to be text, got 7',
    );
  });

  test.each<[settings: OnlineSettings, message: string]>([
    [{ rate: Number.NaN }, 'rate to be a number from 0, got NaN'],
    [{ rate: -1 }, 'rate to be a number from 0, got -1'],
    [{ maxItems: 2.5 }, 'maxItems to be a whole number from 0, got 2.5'],
    [{ metricsEvery: 0 }, 'metricsEvery to be a whole number from 1, got 0'],
  ])('settings %o', async (settings, message) => {
    const { training, stream, catalogue, tokenizer, itemIds } = await makeOnline({ options: tinyIdOnly() });
    const all = { stream, catalogue, tokenizer, itemIds, ...settings };
    expect(() => new OnlineTrainer(training, all)).toThrow(`OnlineTrainer: expected ${message}`);
  });

  test('to save every 0 steps', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly() });
    const running = trainer.run([], { checkpoints: { folder: 'none', every: 0 } });
    await expect(running).rejects.toThrow('OnlineTrainer.run: expected checkpoints.every to be a whole number from 1');
  });

  test('another catalogue than the model’s, too few or repeated ids, and a stream without its queries', async () => {
    const { training, stream, catalogue, tokenizer, itemIds } = await makeOnline({ options: tinyIdOnly() });
    const other = await makeOnline({ options: tinyIdOnly() });
    const all = { stream, catalogue, tokenizer, itemIds };
    expect(() => new OnlineTrainer(training, { ...all, catalogue: other.catalogue })).toThrow(
      'OnlineTrainer: expected the catalogue that the model was built with, got another',
    );
    expect(() => new OnlineTrainer(training, { ...all, itemIds: ['a'] })).toThrow(
      'expected 12 itemIds, one per item, got 1',
    );
    const asking = await makeOnline({ options: tinyLemur({ content: { query: 'samples' } }), queries: ['a film'] });
    const format = { ...tokenizer.format, end: [3] };
    const otherwise = { vocabularySize: tokenizer.vocabularySize, format } as unknown as typeof tokenizer;
    expect(() => new OnlineTrainer(training, { ...all, tokenizer: otherwise })).toThrow(
      /expected the catalogue's tokenizer \(\d+ tokens, 2 begins, 3 separates\), got another \(.* 3 separates, 3 ends\)/,
    );
    const asked = { ...all, catalogue: asking.catalogue, tokenizer: asking.tokenizer };
    expect(() => new OnlineTrainer(asking.training, asked)).toThrow(
      "OnlineTrainer: expected a stream with the catalogue's 1 queries, got 0 queries",
    );
    expect(() => new OnlineTrainer(training, { ...all, itemIds: itemIds.map(() => 'a') })).toThrow(
      'distinct ids, got "a" twice',
    );
  });

  test('an invalid event by its number, and continues after it', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly(), stream: { batchSize: 1 } });
    const [good, better] = colourEvents(2);
    await trainer.push(good!);
    await expect(trainer.push({ ...good!, timestamp: Number.NaN })).rejects.toThrow('SampleStream.push: event 1');
    await trainer.push(better!);
    expect(trainer.counts.samples).toBe(2);
  });
});
