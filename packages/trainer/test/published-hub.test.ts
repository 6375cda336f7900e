import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type DownloadProgress, PretrainedError } from '@sifaka/encoders/node';
import { hubServer, PUBLISHED_TOKENS, type PublishedKind, writePublished } from '@sifaka/test-kit';
import {
  buildCatalogue,
  em3,
  loadCheckpoint,
  openEncoders,
  readCheckpointParts,
  saveCheckpoint,
} from '@sifaka/trainer';
import { beforeEach, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { batchOf, modelMaker, tinyLemur, trainingOf } from './small-world.js';
import { stateAt } from './tiny-training.js';

const server = hubServer();
const makeFolder = folderMaker();
const makeModel = modelMaker();
let cacheFolder: string;
let commits: Readonly<Record<string, string>>;

const ITEMS = [{ title: 'A lemur' }, { title: 'Sand' }, { title: 'Red film' }];
const BATCH = batchOf([
  { item: 1, history: [2] },
  { item: 0, user: 3, label: 0 },
]);

function publish(name: string, kind: PublishedKind, changes: Readonly<Record<string, unknown>> = {}): string {
  const folder = writePublished(makeFolder(), kind, changes);
  const files = readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file))] as const);
  return server.add(name, Object.fromEntries(files));
}

beforeEach(() => {
  cacheFolder = makeFolder();
  commits = { image: publish('zoo/tiny-vit', 'vit'), text: publish('zoo/tiny-bert', 'bert') };
});

const settings = (more: Partial<Parameters<typeof openEncoders>[1]> = {}) => ({
  ...{ endpoint: server.endpoint, cacheFolder, token: '' },
  ...more,
});

test('a model is built by names of the hub, and its checkpoint names the commits', async () => {
  const options = tinyLemur({ content: { image: 'zoo/tiny-vit', text: 'zoo/tiny-bert' } });
  const progress: DownloadProgress[] = [];
  const published = await openEncoders(options, settings({ onProgress: (each) => progress.push(each) }));
  expect(new Set(progress.map(({ file }) => file))).toContain('model.safetensors');
  expect(published.descriptions).toEqual([
    expect.stringMatching(/^zoo\/tiny-vit@main: vit, .*, licence apache-2\.0$/),
    expect.stringMatching(/^zoo\/tiny-bert@main: bert, .*, licence apache-2\.0$/),
  ]);
  const sizes = { vocabularyItems: [], documentLength: PUBLISHED_TOKENS, titleLength: 2 };
  const { catalogue, tokenizer } = await buildCatalogue(ITEMS, { ...sizes, ...published.inputs });
  const model = makeModel(options, catalogue, {}, {}, await published.load());
  trainingOf(model).run(BATCH, { step: 0 });
  const about = { folder: makeFolder(), fingerprint: 'data', tokenizer };
  const checkpoint = await saveCheckpoint(trainingOf(model), stateAt(1), about);
  const { encoders } = JSON.parse(readFileSync(path.join(checkpoint, 'state.json'), 'utf8'));
  expect(encoders).toMatchObject({
    image: { name: 'zoo/tiny-vit', commit: commits['image'], licence: 'apache-2.0' },
    text: { name: 'zoo/tiny-bert', commit: commits['text'], licence: 'apache-2.0' },
  });

  // The cache is enough from then on.
  const parts = await readCheckpointParts(checkpoint);
  const cached = await openEncoders(parts.options, settings({ offline: true }));
  const resumed = makeModel(parts.options, catalogue, {}, {}, await cached.load());
  await loadCheckpoint(trainingOf(resumed), checkpoint, about);
  expect(resumed.predict(BATCH, resumed.bank)).toEqual(model.predict(BATCH, model.bank));

  // Another model under the same name is refused, and its commit is named.
  const newer = publish('zoo/tiny-bert', 'bert', { layer_norm_eps: 0.01 });
  const changed = await openEncoders(parts.options, settings());
  const other = makeModel(parts.options, catalogue, {}, {}, await changed.load());
  await expect(loadCheckpoint(trainingOf(other), checkpoint, about)).rejects.toThrow(
    new RegExp(`trained with, zoo/tiny-bert@${commits['text']} .*, got zoo/tiny-bert@${newer} `),
  );
});

test('a revision pins the files, and one that is not there is an error', async () => {
  const pinned = em3({ content: { text: { encoder: 'zoo/tiny-bert', revision: commits['text']! } } });
  const { descriptions, load } = await openEncoders(pinned, settings());
  expect(descriptions).toEqual([expect.stringContaining(`zoo/tiny-bert@${commits['text']}: bert`)]);
  const { text } = await load();
  expect(text!.source).toMatchObject({ revision: commits['text'], commit: commits['text'] });
  text!.encoder.dispose();
  const missing = em3({ content: { text: { encoder: 'zoo/tiny-bert', revision: 'v9' } } });
  await expect(openEncoders(missing, settings())).rejects.toThrow(PretrainedError);
  await expect(openEncoders({ content: { image: 'zoo/nothing' } }, settings())).rejects.toThrow(PretrainedError);
});
