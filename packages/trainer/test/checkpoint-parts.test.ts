import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSamples, InteractionBuilder, splitByTime } from '@sifaka/data';
import {
  buildCatalogue,
  CheckpointError,
  listCheckpoints,
  type RawItem,
  readCheckpointParts,
  saveCheckpoint,
  train,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { batchOf, makeCatalogue, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const ITEMS = 12;
const GENRES = ['space', 'romance', 'western'];
const LENGTHS = { documentLength: 6, titleLength: 2, imageHeight: 16, imageWidth: 16 };
const rawItem = (k: number): RawItem => ({ title: `Film ${k}`, text: `a film of ${GENRES[k % 3]}` });

/** Trains on a catalogue made from texts, and gives what a program that has the data knows. */
async function trained() {
  const events = new InteractionBuilder();
  for (let k = 0; k < 120; k++)
    events.add(`user ${k % 7}`, `item ${(k * 5) % ITEMS}`, k % 2 === 0 ? 5 : 1, 1e9 + k * 60);
  const { interactions } = events.build();
  const samples = buildSamples(interactions);
  const split = splitByTime(samples);
  const raw = samples.itemIds.map((id) => rawItem(Number(id.split(' ')[1])));
  const vocabularyItems = Int32Array.from(raw.keys());
  const built = await buildCatalogue(raw, { vocabularyItems, vocabularySize: 300, ...LENGTHS });
  const options = tinyLemur();
  const model = makeModel(options, built.catalogue);
  const checkpoints = { folder: makeFolder(), fingerprint: 'parts', tokenizer: built.tokenizer };
  const cold = new Uint8Array(ITEMS);
  await train(trainingOf(model), { samples, split, cold, steps: 2, batchSize: 16, checkpoints });
  const [checkpoint] = await listCheckpoints(checkpoints.folder);
  return { samples, built, model, options, checkpoint: checkpoint! };
}

test('a checkpoint alone names items, and encodes a new item as the program that has the data does', async () => {
  const { samples, built, model, options, checkpoint } = await trained();
  const { tokenizer, ...parts } = await readCheckpointParts(checkpoint);
  expect(parts).toEqual({ options, userIds: samples.userIds, itemIds: samples.itemIds, columns: LENGTHS });
  expect(tokenizer!.toJSON()).toBe(built.tokenizer.toJSON());

  const added = [{ title: 'A new western', text: 'of romance in space' }];
  const fromCheckpoint = await buildCatalogue(added, { vocabularyItems: [], tokenizer: tokenizer!, ...parts.columns });
  const fromData = await buildCatalogue(added, { vocabularyItems: [], tokenizer: built.tokenizer, ...LENGTHS });
  expect(fromCheckpoint.catalogue).toEqual(fromData.catalogue);
  const vector = model.encode(Int32Array.of(0), { catalogue: fromCheckpoint.catalogue });
  expect(vector).toHaveLength(model.options.dim);
  expect(vector).not.toEqual(model.encode(Int32Array.of(0)));
});

test('a checkpoint that was saved without a tokenizer or ids has none', async () => {
  const model = makeModel(tinyIdOnly());
  trainingOf(model).run(batchOf([{ item: 1 }]), { step: 0 });
  const start = {
    step: 1,
    losses: [],
    validations: [],
    best: undefined,
    skippedSteps: 0,
    sums: {},
    trainingSeconds: 0,
  };
  const checkpoint = await saveCheckpoint(trainingOf(model), start, { folder: makeFolder(), fingerprint: 'parts' });
  const { images, documents, titles } = makeCatalogue();
  expect(await readCheckpointParts(checkpoint)).toEqual({
    options: tinyIdOnly(),
    userIds: [],
    itemIds: [],
    tokenizer: undefined,
    columns: {
      imageHeight: images.height,
      imageWidth: images.width,
      documentLength: documents.maxLength,
      titleLength: titles.maxLength,
    },
  });
});

describe('a damaged part is refused by name:', () => {
  test.each(['ids.json', 'tokenizer.json', 'state.json'])('%s', async (name) => {
    const { checkpoint } = await trained();
    const file = path.join(checkpoint, name);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
    const error: unknown = await readCheckpointParts(checkpoint).catch((reason: unknown) => reason);
    if (!CheckpointError.isInstance(error)) throw error;
    expect(error.path).toBe(file);
    expect(error.message).toContain('damaged');
  });
});
