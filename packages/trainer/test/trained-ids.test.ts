import { type HistoryAsOf, SampleStream } from '@sifaka/data';
import { TextTokenizer } from '@sifaka/encoders/node';
import { GrowingCatalogue, loadCheckpoint, OnlineTrainer, saveCheckpoint, train } from '@sifaka/trainer';
import { expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { streamOptions } from './online-world.js';
import { makeCatalogue, makeWorld, modelMaker, tinyIdOnly, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();

test('users or items in another order than the tables’, and histories that end elsewhere, are refused, from a checkpoint too', async () => {
  const world = makeWorld({ events: 200 });
  const userIds = Array.from({ length: world.samples.numUsers }, (_, user) => `user ${user}`);
  const itemIds = Array.from({ length: world.samples.numItems }, (_, item) => `item ${item}`);
  const samples = { ...world.samples, userIds, itemIds };
  const options = tinyIdOnly();
  const tokenizer = await TextTokenizer.train(['a film'], { vocabularySize: 280 });
  const { vocabularySize } = tokenizer;
  const start = () => new GrowingCatalogue({ ...makeCatalogue(), vocabularySize });
  const trained = makeModel(options, start());
  const { state } = await train(trainingOf(trained), { ...world, samples, steps: 2, batchSize: 16 });
  const checkpoint = { folder: makeFolder(), fingerprint: 'ids' };
  const folder = await saveCheckpoint(trainingOf(trained), state, checkpoint);
  const loaded = makeModel(options, start());
  await loadCheckpoint(trainingOf(loaded), folder, checkpoint);

  for (const model of [trained, loaded]) {
    const online = (users: readonly string[], items: readonly string[], historyAsOf: HistoryAsOf = 'event') =>
      new OnlineTrainer(trainingOf(model), {
        stream: new SampleStream(streamOptions(options, { userIds: users, historyAsOf })),
        catalogue: model.catalogue as GrowingCatalogue,
        itemIds: items,
        tokenizer,
      });
    const [first, second, ...others] = userIds;
    expect(() => online([second!, first!, ...others], itemIds)).toThrow(
      `OnlineTrainer: expected the stream's userIds to begin with the ids of the ${userIds.length} users that the ` +
        'model was trained with, in their order, got others or another order',
    );
    expect(() => online(userIds.slice(0, 5), itemIds)).toThrow('in their order, got 5 ids');
    expect(() => online(userIds, itemIds.toReversed())).toThrow(
      'expected itemIds to begin with the ids of the 40 items',
    );
    expect(online([...userIds, 'new'], itemIds).itemIds).toEqual(itemIds);
    expect(() => online(userIds, itemIds, 'visit')).toThrow(
      'OnlineTrainer: expected a stream with historyAsOf event, as in training, got visit',
    );
  }
});
