import {
  buildSamples,
  categoryColumn,
  coldItems,
  gatherBatch,
  gatherStatistics,
  InteractionBuilder,
  type ItemAttributes,
  noAttributes,
  type Samples,
  splitByTime,
  statisticsLayout,
} from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import {
  evaluate,
  historiesOf,
  type MultimodalRanker,
  type OnlineTrainer,
  type RankerOptions,
  resumeOnline,
  train,
} from '@sifaka/trainer';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, onlineMaker } from './online-world.js';
import { FAST, ITEMS, isRed, makeCatalogue, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const makeOnline = onlineMaker();
const makeFolder = folderMaker();
const resumed: OnlineTrainer[] = [];
afterEach(() => {
  for (const trainer of resumed.splice(0)) trainer.dispose();
});

const LEARNING = { itemDropout: 0.2, optimizer: FAST };
const VISITS = 120;
const VISIT_EVENTS = 9;

/** Visits of nine events, of users in turn. The last 16 items appear in the last fifth of time only. */
function makeVisits(historyAsOf: Samples['historyAsOf']) {
  const random = seededRandom(3);
  const builder = new InteractionBuilder();
  for (let visit = 0; visit < VISITS; visit++) {
    for (let i = 0; i < VISIT_EVENTS; i++) {
      const item = Math.floor(random() * (visit < 0.8 * VISITS ? ITEMS - 16 : ITEMS));
      const liked = isRed(item) !== random() < 0.2;
      builder.add(`${visit % 7}`, `${item}`, liked ? 5 : 1, 1e9 + 10_000 * visit + 60 * i);
    }
  }
  const itemIds = Array.from({ length: ITEMS }, (_, item) => `${item}`);
  const samples = buildSamples(builder.build({ itemIds }).interactions, { historyAsOf });
  const split = splitByTime(samples);
  return { catalogue: makeCatalogue(), samples, split, cold: coldItems(samples, split) };
}

/** Options for all statistics of these attributes, as they are. */
function statisticsOf(attributes: ItemAttributes) {
  const { names } = statisticsLayout(attributes);
  return { statistics: { columns: names.map((name) => ({ name, mean: 0, deviation: 1 })), wide: true } };
}

async function scoreTest(options: RankerOptions, historyAsOf: Samples['historyAsOf'], batchSize = 512) {
  const world = makeVisits(historyAsOf);
  const { samples, split, cold } = world;
  const statistics = gatherStatistics(samples);
  const model = makeModel(options, world.catalogue);
  await train(trainingOf(model), { ...world, statistics, steps: 30, batchSize: 16, evaluateEvery: 30 });
  const evaluation = evaluate(model, { samples, indices: split.test, cold, statistics, batchSize });
  const ofVisit = new Map<number, number[]>();
  split.test.forEach((sample, i) => {
    if (cold[samples.items[sample]!] === 0) return;
    const session = samples.sessions[sample]!;
    ofVisit.set(session, [...(ofVisit.get(session) ?? []), evaluation.logits[i]!]);
  });
  return { ...evaluation, coldLogitsByVisit: [...ofVisit.values()] };
}

/** As libtensorflow does with the last rows of a product, but for every row. */
function roundByRow(model: MultimodalRanker): void {
  let rows = 0;
  vi.spyOn(model, 'predict').mockImplementation(({ size }) => Float32Array.from({ length: size }, () => 1e-3 * rows++));
}

describe('GAUC by visit', () => {
  test.each([512, 5, 1])(
    'ids alone cannot order the cold items of a visit: exactly .5, in batches of %i',
    async (size) => {
      const { all, cold, coldLogitsByVisit } = await scoreTest(tinyIdOnly(LEARNING), 'visit', size);
      expect(cold.gauc.byVisit.usableVisits).toBeGreaterThanOrEqual(5);
      expect(cold.gauc.byVisit).toMatchObject({ weighted: 0.5, mean: 0.5 });
      for (const logits of coldLogitsByVisit) expect(new Set(logits).size).toBe(1);
      expect(new Set(coldLogitsByVisit.flat()).size).toBeGreaterThan(1);
      expect(all.gauc.byVisit.weighted).not.toBe(0.5);
    },
  );

  test('an engine that rounds equal rows differently changes nothing', async () => {
    const { samples, split, cold, catalogue } = makeVisits('visit');
    const model = makeModel(tinyIdOnly(LEARNING), catalogue);
    roundByRow(model);
    const { cold: ofCold } = evaluate(model, { samples, indices: split.test, cold });
    expect(ofCold.gauc.byVisit).toMatchObject({ weighted: 0.5, mean: 0.5 });
    const lemur = makeModel(tinyLemur(LEARNING), catalogue);
    roundByRow(lemur);
    const { logits } = evaluate(lemur, { samples, indices: split.test, cold });
    const inputs = Array.from(split.test, (sample) => `${samples.sessions[sample]} ${samples.items[sample]}`);
    expect(new Set(logits).size).toBe(new Set(inputs).size);
  });

  test('statistics tell events of one item in one visit apart: time has passed', () => {
    const { samples, split, cold, catalogue } = makeVisits('visit');
    const inputs = Array.from(split.test, (sample) => `${samples.sessions[sample]} ${samples.items[sample]}`);
    expect(new Set(inputs).size).toBeLessThan(inputs.length);
    const model = makeModel(tinyLemur(statisticsOf(noAttributes(ITEMS))), catalogue);
    roundByRow(model);
    const statistics = gatherStatistics(samples);
    const { logits } = evaluate(model, { samples, indices: split.test, cold, statistics });
    expect(new Set(logits).size).toBe(inputs.length);
  });

  test('histories up to the event order them by the mood of the minute', async () => {
    const { coldLogitsByVisit } = await scoreTest(tinyIdOnly(LEARNING), 'event');
    expect(coldLogitsByVisit.some((logits) => Math.max(...logits) - Math.min(...logits) > 1e-4)).toBe(true);
  });

  test('content orders them', async () => {
    const { cold, coldLogitsByVisit } = await scoreTest(tinyLemur(LEARNING), 'visit');
    expect(coldLogitsByVisit.some((logits) => new Set(logits).size > 1)).toBe(true);
    expect(cold.gauc.byVisit.weighted).not.toBe(0.5);
  });

  test('statistics order them: how often and when each was seen since', async () => {
    const options = tinyIdOnly({ ...LEARNING, ...statisticsOf(noAttributes(ITEMS)) });
    const { cold, coldLogitsByVisit } = await scoreTest(options, 'visit');
    expect(coldLogitsByVisit.some((logits) => Math.max(...logits) - Math.min(...logits) > 1e-3)).toBe(true);
    expect(cold.gauc.byVisit.weighted).not.toBe(0.5);
  });

  test('gives samples of other inputs their own scores', async () => {
    const { samples, split, cold, catalogue } = makeVisits('event');
    const model = makeModel(tinyIdOnly(LEARNING), catalogue);
    await train(trainingOf(model), { samples, split, cold, steps: 30, batchSize: 16, evaluateEvery: 30 });
    const { logits } = evaluate(model, { samples, indices: split.test, cold });
    const batch = gatherBatch(samples, split.test, historiesOf(model.options));
    expect(logits).toBeAllClose(model.predict(batch, model.encodeBank(Int32Array.of())), { atol: 1e-5 });
  });
});

describe('serving by visits', () => {
  const stream = { historyAsOf: 'visit', batchSize: 4 } as const;
  const at = (item: number, timestamp: number, user = 'u1') => ({ user, item, label: 1 as const, timestamp });
  const T = 1_100_000_000;

  /** A trainer whose weights do not change, after earlier visits of two users. */
  async function earlier(): Promise<OnlineTrainer> {
    const trainer = await makeOnline({ options: tinyLemur({ userDropout: 0 }), rate: 0, stream });
    for (const event of colourEvents(32, { users: 2 })) await trainer.push(event);
    return trainer;
  }
  const candidates = [0, 1, 2, 3];
  const ask = async (trainer: OnlineTrainer, time?: number) =>
    trainer.rank({ user: 'u1', candidates, ...(time === undefined ? {} : { time }) });

  test('a request during a visit sees the histories at its start, and one after it all of them', async () => {
    const trainer = await earlier();
    const atStart = await ask(trainer, T);
    for (const [i, item] of [4, 6, 8, 10].entries()) await trainer.push(at(item, T + i));
    expect(await ask(trainer, T + 3)).toEqual(atStart);
    expect(await ask(trainer)).toEqual(atStart); // The newest event is of this visit.
    expect(await ask(trainer, T + 3 + 1800)).toEqual(atStart);
    expect(await ask(trainer, T + 3 + 1801)).not.toEqual(atStart);
    await trainer.push(at(0, T + 5000, 'u0'));
    expect(await ask(trainer)).toEqual(await ask(trainer, T + 5000));
    expect(await ask(trainer)).not.toEqual(atStart);
    await expect(ask(trainer, T * 1000)).rejects.toThrow(/expected Unix seconds .* in time, got .*milliseconds/);
  });

  test('a resumed trainer knows where the visit began, without an option', async () => {
    const trainer = await earlier();
    for (const [i, item] of [4, 6, 8, 10].entries()) await trainer.push(at(item, T + i));
    const checkpoint = await trainer.save(makeFolder());
    const again = await resumeOnline(checkpoint);
    resumed.push(again);
    expect(again.stream.options.historyAsOf).toBe('visit');
    for (const time of [T + 3, T + 5000]) expect(await ask(again, time)).toEqual(await ask(trainer, time));
    await expect(resumeOnline(checkpoint, { stream: { historyAsOf: 'event' } })).rejects.toThrow(
      'expected a state with historyAsOf event, as in the options, got "visit"',
    );
  });

  test('ids alone give all items that were never trained one score, in the order given', async () => {
    const trainer = await makeOnline({ options: tinyIdOnly(LEARNING), numItems: 700, stream });
    await trainer.run(colourEvents(64, { users: 2 }));
    const untrained = Array.from({ length: 690 }, (_, i) => String(699 - i)).filter((id) => Number(id) >= 12);
    roundByRow(trainer.model);
    const ranked = await trainer.rank({ user: 'u1', candidates: [...untrained, 'unknown', 0] });
    const logitOf = new Map(ranked.map(({ item, logit }) => [item, logit]));
    expect(new Set(['unknown', ...untrained].map((id) => logitOf.get(id))).size).toBe(1);
    expect(ranked.map(({ item }) => item).filter((id) => id !== '0')).toEqual([...untrained, 'unknown']);
    expect(logitOf.get('0')).not.toBe(logitOf.get('unknown'));
  });

  test('statistics tell items apart that were never trained, by their attributes', async () => {
    const numItems = 20;
    const itemIds = Array.from({ length: numItems }, (_, item) => `${item}`);
    const colours = itemIds.map((id) => [Number(id) % 2 ? 'blue' : 'red']);
    const attributes = { ...noAttributes(numItems), categories: [categoryColumn('colour', colours)] };
    const options = tinyIdOnly({ ...LEARNING, ...statisticsOf(attributes) });
    const trainer = await makeOnline({
      options,
      numItems,
      stream: { batchSize: 4, itemIds, statistics: { attributes } },
    });
    await trainer.run(colourEvents(64, { users: 2 })); // Of items 0 … 11: the red ones are liked.
    const ranked = await trainer.rank({ user: 'u1', candidates: itemIds.slice(12) });
    const logitsOf = (colour: number) =>
      ranked.filter(({ item }) => Number(item) % 2 === colour).map(({ logit }) => logit);
    const [reds, blues] = [logitsOf(0), logitsOf(1)];
    for (const alike of [reds, blues]) expect(Math.max(...alike) - Math.min(...alike)).toBeLessThan(1e-5);
    expect(reds[0]! - blues[0]!).toBeGreaterThan(0.1);
  });
});
