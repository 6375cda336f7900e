import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { categoryColumn, statisticsLayout, wordBags } from '@sifaka/data';
import {
  type Arrival,
  CheckpointError,
  type GrowingCatalogue,
  listOnline,
  type OnlineMetrics,
  type OnlineTrainer,
  resumeOnline,
} from '@sifaka/trainer';
import { afterEach, describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { linearContent } from './linear-content.js';
import { colourEvents, onlineMaker, rawItem, streamOptions } from './online-world.js';
import { tinyLemur } from './small-world.js';
import { wholeState } from './whole-state.js';

const makeFolder = folderMaker();
const makeOnline = onlineMaker();
const resumed: OnlineTrainer[] = [];
afterEach(() => {
  for (const trainer of resumed.splice(0)) trainer.dispose();
});

const OPTIONS = tinyLemur({
  userDropout: 0.3,
  itemDropout: 0.2,
  sampling: { forward: 0.6, backward: 0.3 },
  sequences: { long: { length: 2 } },
});

async function arrivals(): Promise<Arrival[]> {
  return [
    ...colourEvents(40),
    { items: [await rawItem(12, true), await rawItem('unseen', false)] },
    ...colourEvents(90, { from: 40, numItems: 16, users: 20 }),
  ];
}

const timeless = (trainer: OnlineTrainer) => {
  const { trainingSeconds: _, meter, ...state } = trainer.state();
  const { seconds: __, ...sums } = meter.sums;
  return { ...state, meter: { ...meter, sums }, model: wholeState(trainer.training) };
};

describe('an online run', () => {
  test('that is killed with events waiting, and resumed, gives the numbers of one that was not', async () => {
    const source = await arrivals();
    const reported: OnlineMetrics[] = [];
    const settings = { metricsEvery: 3, onMetrics: (metrics: OnlineMetrics) => reported.push(metrics) };
    const whole = await makeOnline({ options: OPTIONS, ...settings });
    await whole.run(source);
    const reportedWhole = reported.splice(0);

    const folder = makeFolder();
    const first = await makeOnline({ options: OPTIONS, ...settings });
    for (const arrival of source.slice(0, 70)) {
      await ('items' in arrival ? first.addItems(arrival.items) : first.push(arrival));
    }
    const checkpoint = await first.save(folder);
    expect(first.stream.state().pending.length).toBeGreaterThan(0);
    await first.push(colourEvents(1, { from: 200 })[0]!); // Lost with the process.

    const second = await resumeOnline(checkpoint, { onMetrics: settings.onMetrics });
    resumed.push(second);
    expect(second.counts.arrivals).toBe(70);
    await second.run(source.slice(second.counts.arrivals));
    expect(timeless(second)).toEqual(timeless(whole));
    const comparable = ({ samplesPerSecond: _, ...metrics }: OnlineMetrics) => metrics;
    expect(reported.map(comparable)).toEqual(reportedWhole.map(comparable));
    const request = { user: 'u1', candidates: [0, 12, 'unseen', 15] };
    expect(await second.rank(request)).toEqual(await whole.rank(request));
  });

  test('whose model has parts of its own is resumed with them', async () => {
    const options = tinyLemur({ sqdc: { weight: 0 } });
    const partsFor = (catalogue: GrowingCatalogue) => ({
      content: linearContent({ vocabularySize: catalogue.vocabularySize, maxLength: 6 }),
    });
    const source = await arrivals();
    const whole = await makeOnline({ options, parts: partsFor });
    await whole.run(source);
    const first = await makeOnline({ options, parts: partsFor });
    await first.run(source.slice(0, 70));
    const checkpoint = await first.save(makeFolder());
    await expect(resumeOnline(checkpoint)).rejects.toThrow(CheckpointError);
    const given: unknown[] = [];
    const second = await resumeOnline(checkpoint, {
      parts: async ({ catalogue, options: saved, numUsers, tokenizer }) => {
        given.push(saved, numUsers, tokenizer.vocabularySize);
        return partsFor(catalogue);
      },
    });
    resumed.push(second);
    expect(given).toEqual([options, first.model.tables.users.size, first.catalogue.vocabularySize]);
    expect(wholeState(second.training)).toEqual(wholeState(first.training));
    const again = await second.rank({ user: 'u1', candidates: [0, 12, 'unseen'] });
    expect(again).toEqual(await first.rank({ user: 'u1', candidates: [0, 12, 'unseen'] }));
  });

  test('takes what is kept of frozen layers from the caller, as buildRanker does', async () => {
    const options = tinyLemur({
      content: { image: { train: { kind: 'frozen' } }, text: { train: { kind: 'frozen' } } },
    });
    const first = await makeOnline({ options });
    await first.run((await arrivals()).slice(0, 70));
    const checkpoint = await first.save(makeFolder());
    let caches = 0;
    const counting = {
      get maxBytes(): number {
        caches++;
        return 2 ** 20;
      },
    };
    for (const [frozenPrefixes, expected] of [[counting, 2] as const, [false, 0] as const]) {
      caches = 0;
      const second = await resumeOnline(checkpoint, { frozenPrefixes });
      resumed.push(second);
      expect(caches).toBe(expected);
      expect(wholeState(second.training)).toEqual(wholeState(first.training));
    }
  });

  test('with statistics gives them to new batches and requests, and keeps them in its checkpoint', async () => {
    const genres = Array.from({ length: 12 }, (_, item) => [item % 2 ? 'blue' : 'red', `group ${item % 3}`]);
    const attributes = {
      categories: [categoryColumn('genre', genres)],
      words: wordBags(genres.map((each) => each[1]!)),
    };
    const itemIds = genres.map((_, item) => String(item));
    const columns = statisticsLayout(attributes).names.map((name) => ({ name, mean: 0.1, deviation: 2 }));
    const world = {
      options: tinyLemur({ statistics: { columns, wide: true } }),
      stream: { itemIds, statistics: { attributes } },
    };
    const source = await arrivals();
    const whole = await makeOnline(world);
    await whole.run(source);
    const first = await makeOnline(world);
    await first.run(source.slice(0, 70));
    const second = await resumeOnline(await first.save(makeFolder()));
    resumed.push(second);
    await second.run(source.slice(second.counts.arrivals));
    const request = { user: 'u1', candidates: [0, 12, 'unseen', 15, 'never'] };
    const ranked = await second.rank(request);
    expect(ranked.every(({ logit }) => Number.isFinite(logit))).toBe(true);
    const again = await resumeOnline(await second.save(makeFolder()));
    resumed.push(again);
    expect(await again.rank(request)).toEqual(ranked);
    // The statistics reach the score: another clock, other days since the item's last event.
    const [now, later] = [1, 1e6].map((after) => 1_000_000_000 + 60 * 200 + after);
    const logits = async (time: number) => (await again.rank({ ...request, time })).map(({ logit }) => logit);
    expect(await logits(now!)).not.toEqual(await logits(later!));
  });

  test('refuses a stream without the statistics that its model reads', async () => {
    const options = tinyLemur({ statistics: { columns: [{ name: 'a', mean: 0, deviation: 1 }], wide: true } });
    await expect(makeOnline({ options })).rejects.toThrow(
      "expected a stream with the model's statistics (a), got none",
    );
  });

  test('saves after every `every` steps and at its end, and keeps two checkpoints', async () => {
    const folder = makeFolder();
    const trainer = await makeOnline({ options: OPTIONS });
    const last = await trainer.run(await arrivals(), { checkpoints: { folder, every: 2 } });
    const kept = await listOnline(folder);
    expect(kept).toHaveLength(2);
    expect(kept[0]).toBe(last);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('ends with a checkpoint when the signal aborts, which holds the waiting events', async () => {
    const folder = makeFolder();
    const trainer = await makeOnline({ options: OPTIONS, stream: { batchSize: 16 } });
    const interrupt = new AbortController();
    const endless = async function* (): AsyncGenerator<Arrival> {
      yield* colourEvents(20);
      interrupt.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield* colourEvents(20, { from: 20 });
    };
    const checkpoint = await trainer.run(endless(), { signal: interrupt.signal, checkpoints: { folder, every: 100 } });
    const again = await resumeOnline(checkpoint!);
    expect(again.stream.options.batchSize).toBe(16);
    resumed.push(again);
    expect([again.step, again.counts.arrivals, again.counts.samples]).toEqual([1, 20, 16]);
  });

  test.each(['online.json', 'catalogue.safetensors'])('refuses a damaged %s by name', async (name) => {
    const trainer = await makeOnline({ options: OPTIONS });
    const checkpoint = await trainer.save(makeFolder());
    const file = path.join(checkpoint, name);
    const bytes = readFileSync(file);
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(file, bytes);
    const resuming = resumeOnline(checkpoint, { options: OPTIONS, stream: streamOptions(OPTIONS) });
    await expect(resuming).rejects.toThrow(`${file}: its checksum differs`);
    await expect(resuming).rejects.toSatisfy(CheckpointError.isInstance);
  });

  test('refuses the state of another format by name', async () => {
    const checkpoint = await (await makeOnline({ options: OPTIONS })).save(makeFolder());
    const file = path.join(checkpoint, 'online.json');
    const older = readFileSync(file, 'utf8').replace('"state":{"format":4', '"state":{"format":3');
    writeFileSync(file, older);
    writeFileSync(`${file}.sha256`, createHash('sha256').update(older).digest('hex'));
    const resuming = resumeOnline(checkpoint, { options: OPTIONS, stream: streamOptions(OPTIONS) });
    await expect(resuming).rejects.toThrow(`${file}: expected a state of format 4, got 3`);
    await expect(resuming).rejects.toSatisfy(CheckpointError.isInstance);
  });

  test('resumes with the settings of its checkpoint, and with those that are given', async () => {
    const trainer = await makeOnline({ options: OPTIONS, stream: { batchSize: 5 }, maxItems: 20, rate: 0.5 });
    const checkpoint = await trainer.save(makeFolder());
    const same = await resumeOnline(checkpoint);
    const other = await resumeOnline(checkpoint, { rate: 0.25, metricsEvery: 7 });
    resumed.push(same, other);
    expect(same.model.options).toEqual(OPTIONS);
    expect(same.stream.options).toMatchObject({ batchSize: 5, histories: streamOptions(OPTIONS).histories });
    expect(same.settings).toEqual({ rate: 0.5, metricsEvery: 100, maxSkippedSteps: 20, maxItems: 20 });
    expect(other.settings).toEqual({ rate: 0.25, metricsEvery: 7, maxSkippedSteps: 20, maxItems: 20 });
  });

  test('resumes with limits that are infinite, which JSON cannot hold', async () => {
    const none = Number.POSITIVE_INFINITY;
    const stream = { maxUserIds: none, maxItemIds: none, maxQueries: none };
    const trainer = await makeOnline({ options: OPTIONS, stream, maxItems: none });
    const same = await resumeOnline(await trainer.save(makeFolder()));
    resumed.push(same);
    expect(same.settings.maxItems).toBeUndefined();
    expect(same.stream.options.maxUserIds).toBeUndefined();
  });

  test('wants its own rule for labels again', async () => {
    const positive = (rating: number) => rating > 2;
    const trainer = await makeOnline({ options: OPTIONS, stream: { positive } });
    const checkpoint = await trainer.save(makeFolder());
    await expect(resumeOnline(checkpoint)).rejects.toThrow('resumeOnline: expected stream.positive again');
    resumed.push(await resumeOnline(checkpoint, { stream: { positive } }));
  });

  test('refuses another model’s options, and leaks no tensor', async () => {
    const trainer = await makeOnline({ options: OPTIONS });
    const checkpoint = await trainer.save(makeFolder());
    const other = { ...OPTIONS, seed: 2 };
    const resuming = resumeOnline(checkpoint, { options: other, stream: streamOptions(other) });
    await expect(resuming).rejects.toThrow('got those of another (seed: 1 there, 2 here)');
    await expect(resuming).rejects.toSatisfy(CheckpointError.isInstance);
  });
});
