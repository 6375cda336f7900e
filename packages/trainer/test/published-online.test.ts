import { readFileSync, rmSync } from 'node:fs';
import { SampleStream } from '@sifaka/data';
import { PretrainedError } from '@sifaka/encoders/node';
import { PUBLISHED_TOKENS, writePublished } from '@sifaka/test-kit';
import {
  buildCatalogue,
  buildRanker,
  CheckpointError,
  GrowingCatalogue,
  OnlineTrainer,
  openEncoders,
  type RankerOptions,
  resumeOnline,
  TrainingStep,
} from '@sifaka/trainer';
import { afterEach, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, streamOptions } from './online-world.js';
import { tinyLemur } from './small-world.js';
import { writePictures } from './write-pictures.js';

const makeFolder = folderMaker();
const made: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of made.splice(0)) each.dispose();
});

const ITEMS = 12;

const optionsOf = (image: string, text: string): RankerOptions =>
  tinyLemur({
    content: { image: { encoder: image, train: { kind: 'top', blocks: 1 } }, text: { encoder: text } },
  });

async function trainerOf(options: RankerOptions, withProcessor = true): Promise<OnlineTrainer> {
  const { inputs, load } = await openEncoders(options);
  const images = await writePictures(makeFolder(), ITEMS);
  const { catalogue: start, tokenizer } = await buildCatalogue(
    images.map((image, i) => ({ title: `film ${i}`, image })),
    { vocabularyItems: [], documentLength: PUBLISHED_TOKENS, titleLength: 2, ...inputs },
  );
  const catalogue = new GrowingCatalogue(start);
  const model = buildRanker(options, { catalogue, numUsers: 1, encoders: await load() });
  const training = new TrainingStep(model);
  made.push(training, model);
  return new OnlineTrainer(training, {
    stream: new SampleStream(streamOptions(options)),
    catalogue,
    itemIds: images.map((_, i) => String(i)),
    tokenizer,
    ...(withProcessor && { imageProcessor: inputs.imageProcessor }),
  });
}

const publishBoth = () =>
  [writePublished(makeFolder(), 'vit'), writePublished(makeFolder(), 'bert')] as [string, string];

test('a stream’s new items are read as the encoders ask for, from files and from bytes', async () => {
  const trainer = await trainerOf(optionsOf(...publishBoth()));
  const files = await writePictures(makeFolder(), 2);
  const added = await trainer.addItems([
    { id: 'file', title: 'film 0', image: files[0] },
    { id: 'bytes', title: 'film 0', image: readFileSync(files[0]!) },
    { id: 'other', title: 'film 0', image: files[1] },
  ]);
  expect(added.images).toEqual({ ok: 3, missing: 0, broken: 0 });
  const { pixels, height, width } = trainer.catalogue.images;
  const pixelsOf = (item: number) => pixels.slice(item * height * width * 3, (item + 1) * height * width * 3);
  // The same picture was in the catalogue from the start.
  expect(pixelsOf(ITEMS)).toEqual(pixelsOf(0));
  expect(pixelsOf(ITEMS + 1)).toEqual(pixelsOf(0));
  expect(pixelsOf(ITEMS + 2)).toEqual(pixelsOf(1));
});

test('an online run resumes with its published encoders, wherever they lie', async () => {
  const [image, text] = publishBoth();
  const trainer = await trainerOf(optionsOf(image, text));
  await trainer.run(colourEvents(40));
  const checkpoint = await trainer.save(makeFolder());
  const request = { user: 'u1', candidates: [0, 3, 7] };
  const expected = await trainer.rank(request);

  const resumed = await resumeOnline(checkpoint);
  made.push(resumed);
  expect(await resumed.rank(request)).toEqual(expected);

  for (const folder of [image, text]) rmSync(folder, { recursive: true });
  await expect(resumeOnline(checkpoint)).rejects.toThrow(PretrainedError);
  const moved = await resumeOnline(checkpoint, { options: optionsOf(...publishBoth()) });
  made.push(moved);
  expect(await moved.rank(request)).toEqual(expected);

  const other = writePublished(makeFolder(), 'bert', { layer_norm_eps: 0.01 });
  const resuming = resumeOnline(checkpoint, { options: optionsOf(publishBoth()[0], other) });
  await expect(resuming).rejects.toThrow(CheckpointError);
  await expect(resuming).rejects.toThrow(/expected the text encoder that it was trained with/);
});

test('a trainer without the image processor of its encoder is refused', async () => {
  const options = optionsOf(...publishBoth());
  await expect(trainerOf(options, false)).rejects.toThrow(
    `OnlineTrainer: expected imageProcessor, that of ${options.content!.image!.encoder}, got none`,
  );
});
