import { readdirSync } from 'node:fs';
import { loadImageEncoder, loadTextEncoder } from '@sifaka/encoders';
import { openPretrained } from '@sifaka/encoders/node';
import { exportParameters } from '@sifaka/nn';
import {
  PUBLISHED_IMAGE,
  PUBLISHED_SIDE,
  PUBLISHED_TEXT,
  PUBLISHED_TOKENS,
  type PublishedKind,
  writePublished,
} from '@sifaka/test-kit';
import {
  buildCatalogue,
  type Catalogue,
  CheckpointError,
  checkOptions,
  em3,
  exportMergedWeights,
  lemur,
  loadCheckpoint,
  type MultimodalRanker,
  type NamedEncoders,
  openEncoders,
  type RankerOptions,
  readCheckpointParts,
  saveCheckpoint,
  twoStage,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { batchOf, modelMaker, tinyEm3, tinyLemur, tinyTwoStage, trainingOf } from './small-world.js';
import { stateAt } from './tiny-training.js';
import { wholeState } from './whole-state.js';
import { writePictures } from './write-pictures.js';

const makeFolder = folderMaker();
const makeModel = modelMaker();

const ITEMS = [
  { title: 'A lemur', text: 'leaps' },
  { title: 'Sand' },
  { title: 'Red film', text: 'the sun, a tree, a lemur, sand' },
  { text: 'tree tree' },
  {},
  { title: 'Blue film', text: 'blue' },
];

const BATCH = batchOf([
  { item: 1, history: [2, 4], recent: [[2, 1]] },
  { item: 2, user: 3, label: 0, history: [5] },
  { item: 0, user: 4, history: [1, 3] },
]);

const publish = (kind: PublishedKind) => writePublished(makeFolder(), kind);

async function catalogueOf({ content }: NamedEncoders): Promise<Catalogue> {
  const { inputs } = await openEncoders({ content });
  const images = await writePictures(makeFolder(), ITEMS.length - 1); // The last item has no image.
  const items = ITEMS.map((item, i) => ({ ...item, image: images[i] }));
  const sizes = inputs.imageProcessor ? {} : { imageHeight: 16, imageWidth: 16 };
  const { catalogue } = await buildCatalogue(items, {
    ...{
      vocabularyItems: [0, 1, 2],
      vocabularySize: 300,
      documentLength: PUBLISHED_TOKENS,
      titleLength: 2,
      queryLength: 2,
    },
    ...{ ...inputs, ...sizes },
  });
  return catalogue;
}

async function modelOf(options: RankerOptions): Promise<MultimodalRanker> {
  const catalogue = await catalogueOf(options);
  return makeModel(options, catalogue, {}, {}, await (await openEncoders(options)).load());
}

const allFinite = (values: Float32Array) => values.every((value) => Number.isFinite(value));

describe.each(PUBLISHED_TEXT)('the published text encoder %s', (kind) => {
  test('is the one of the checkpoint, and reads documents with its tokenizer', async () => {
    const folder = publish(kind);
    const options = tinyLemur({ dim: 32, content: { text: { encoder: folder, train: { kind: 'frozen' } } } });
    const model = await modelOf(options);
    expect(model.encoderSources).toEqual({
      text: {
        name: folder,
        architecture: kind.replace('-text', ''),
        licence: 'apache-2.0',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    const { encoder } = await loadTextEncoder(await openPretrained(folder), { paddingId: 0 });
    const own = [...exportParameters(model.frozenParameters)].map(([name, entry]) => [name, entry.data]);
    const published = [...exportParameters(encoder.parameters)];
    expect(own).toEqual(published.map(([name, entry]) => [`content.text.${name}`, entry.data]));
    encoder.dispose();
    expect(allFinite(model.encode(Int32Array.of(0, 1, 2, 3, 4, 5)))).toBe(true);
    expect(trainingOf(model).run(BATCH, { step: 0 }).loss).toBeGreaterThan(0);
  });
});

describe.each(PUBLISHED_IMAGE)('the published image encoder %s', (kind) => {
  test('is the one of the checkpoint, and reads pictures as its processor makes them', async () => {
    const folder = publish(kind);
    const options = tinyEm3({ dim: 32, content: { image: { encoder: folder, train: { kind: 'frozen' } } } });
    const model = await modelOf(options);
    const { images } = model.catalogue;
    expect([images.height, images.width]).toEqual([PUBLISHED_SIDE, PUBLISHED_SIDE]);
    const { encoder } = await loadImageEncoder(await openPretrained(folder));
    const own = [...exportParameters(model.frozenParameters)].map(([name, entry]) => [name, entry.data]);
    const published = [...exportParameters(encoder.parameters)];
    expect(own).toEqual(published.map(([name, entry]) => [`content.image.${name}`, entry.data]));
    encoder.dispose();
    expect(allFinite(model.encode(Int32Array.of(0, 1, 2, 3, 4, 5)))).toBe(true);
    expect(trainingOf(model).run(BATCH, { step: 0 }).loss).toBeGreaterThan(0);
  });
});

const TRAININGS = {
  full: { kind: 'full' },
  frozen: { kind: 'frozen' },
  top: { kind: 'top', blocks: 1 },
  lora: { kind: 'lora', rank: 2 },
} as const;

describe.each(Object.entries(TRAININGS))('trained %s', (name, train) => {
  test.each([
    ['lemur', tinyLemur],
    ['em3', tinyEm3],
    ['twoStage', tinyTwoStage],
  ] as const)('%s learns, and continues from its checkpoint where the encoders lie elsewhere', async (_, preset) => {
    const place = () => ({ image: publish('siglip-image'), text: publish('bert') });
    const optionsIn = ({ image, text }: ReturnType<typeof place>) =>
      preset({
        dim: 32,
        content: { image: { encoder: image, train }, text: { encoder: text, train } },
        optimizer: { encoderLearningRate: 0.01 },
      });
    const options = optionsIn(place());
    const model = await modelOf(options);
    const frozen = exportParameters(model.frozenParameters);
    const training = trainingOf(model);
    const { pretrainSteps } = options;
    for (let step = 0; step < pretrainSteps; step++) training.runContrast(BATCH, { step });
    if (pretrainSteps > 0) model.freezeEncoders(Int32Array.from(ITEMS.keys()), pretrainSteps);
    const losses = Array.from({ length: 12 }, (_, i) => training.run(BATCH, { step: pretrainSteps + i }).ranking);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(exportParameters(model.frozenParameters)).toEqual(frozen);

    const folder = makeFolder();
    const checkpoint = await saveCheckpoint(training, stateAt(12), { folder, fingerprint: 'data' });
    expect(readdirSync(folder).filter((each) => each.startsWith('base-'))).toHaveLength(name === 'full' ? 0 : 1);

    const moved = await modelOf(optionsIn(place()));
    await loadCheckpoint(trainingOf(moved), checkpoint, { fingerprint: 'data' });
    expect(wholeState(trainingOf(moved))).toEqual(wholeState(training));
    expect(moved.predict(BATCH, moved.bank)).toEqual(model.predict(BATCH, model.bank));
    const merged = [...exportMergedWeights(model).dense.keys()];
    expect(merged.filter((each) => each.includes('.lora.'))).toEqual([]);
    expect(merged).toContain('content.text.embedding');
  });
});

describe('beside an encoder of our own', () => {
  test.each([
    ['a published text encoder', { text: 'bert' }],
    ['a published image encoder', { image: 'vit' }],
  ] as const)('%s fits', async (_, kinds) => {
    const [[modality, kind]] = Object.entries(kinds) as [['image' | 'text', PublishedKind]];
    const model = await modelOf(tinyLemur({ dim: 32, content: { [modality]: publish(kind) } }));
    const ours = modality === 'image' ? 'content.text.' : 'content.image.';
    expect([...model.parameters.keys()].some((each) => each.startsWith(ours))).toBe(true);
    const projections = [...model.parameters.keys()].filter((each) => each.startsWith('content.projections.'));
    expect(projections).toEqual([`content.projections.${modality}.weight`, `content.projections.${modality}.bias`]);
    expect(trainingOf(model).run(BATCH, { step: 0 }).loss).toBeGreaterThan(0);
  });

  test('no map follows an encoder that has the width of the model', async () => {
    const model = await modelOf(tinyLemur({ content: { text: publish('bert') } }));
    expect([...model.parameters.keys()].filter((each) => each.startsWith('content.projections.'))).toEqual([]);
  });

  test('both towers of one checkpoint may be read', async () => {
    const [image, text] = [publish('clip-image'), publish('clip-text')];
    const model = await modelOf(tinyLemur({ content: { image, text } }));
    expect(allFinite(model.encode(Int32Array.of(0, 5)))).toBe(true);
  });
});

describe.each([
  ['a concatenation', { fusion: { kind: 'concatenation' } }],
  ['a history that shares the fusion', { history: { kind: 'sharedFusion', rank: 2 } }],
  ['a history with full gradient', { history: { kind: 'full' } }],
] as const)('with %s', (_, content) => {
  test('encoders of other widths than the model’s fit', async () => {
    const encoders = { image: publish('vit'), text: publish('bert') };
    const model = await modelOf(tinyEm3({ dim: 32, content: { ...encoders, ...content } }));
    model.warmUp(Int32Array.from(ITEMS.keys()), 0);
    const losses = Array.from({ length: 8 }, (_, step) => trainingOf(model).run(BATCH, { step }).ranking);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });
});

test('a server needs the checkpoint and the encoders alone', async () => {
  const model = await modelOf(tinyLemur({ content: { image: publish('vit'), text: publish('bert') } }));
  const { inputs } = await openEncoders(model.options);
  trainingOf(model).run(BATCH, { step: 0 });
  const about = { folder: makeFolder(), fingerprint: 'data', tokenizer: inputs.tokenizer };
  const checkpoint = await saveCheckpoint(trainingOf(model), stateAt(1), about);

  const { options, columns } = await readCheckpointParts(checkpoint);
  const published = await openEncoders(options);
  const images = await writePictures(makeFolder(), 2);
  const { catalogue } = await buildCatalogue(
    ITEMS.slice(0, 2).map((item, i) => ({ ...item, image: images[i] })),
    { vocabularyItems: [], ...columns, ...published.inputs },
  );
  const served = await modelOf(options);
  await loadCheckpoint(trainingOf(served), checkpoint, about);
  const two = Int32Array.of(0, 1);
  expect(served.encode(two, { catalogue })).toEqual(model.encode(two));
});

describe('options', () => {
  const NAMES = { image: 'google/siglip-base-patch16-224', text: 'sentence-transformers/all-MiniLM-L6-v2' };

  test.each([
    ['lemur', lemur],
    ['em3', em3],
    ['twoStage', twoStage],
  ] as const)('%s takes names alone, and the same from JSON', (_, preset) => {
    const options = preset({ content: NAMES });
    expect(options.content!.image).toEqual({ encoder: NAMES.image });
    expect(options.content!.text).toEqual({ encoder: NAMES.text });
    expect(preset(JSON.parse(JSON.stringify({ content: NAMES })))).toEqual(options);
    expect(checkOptions('test', JSON.parse(JSON.stringify(options)))).toEqual(options);
    expect(checkOptions('test', { ...options, content: { ...options.content, ...NAMES } } as never)).toEqual(options);
  });

  test('later overrides change the training and keep the name, and the reverse', () => {
    const train = { kind: 'lora', rank: 8 } as const;
    const expected = { encoder: NAMES.text, train, learningRate: 1e-4 };
    const settings = { content: { text: { train, learningRate: 1e-4 } } };
    expect(lemur({ content: NAMES }, settings).content!.text).toEqual(expected);
    expect(lemur(settings, { content: NAMES }).content!.text).toEqual(expected);
  });

  test.each<[unknown, string]>([
    [{ image: '' }, 'lemur: content.image.encoder: expected a string that is not empty, got ""'],
    [{ text: 3 }, 'lemur: content.text: expected an object, got 3'],
    [{ text: { encoder: 3 } }, 'lemur: content.text.encoder: expected a string, got 3'],
    [
      { text: { revision: 'v1' } },
      'lemur: content.text.revision: expected none without the name of an encoder, got "v1"',
    ],
    [
      { text: { encoder: 'x', train: { kind: 'frozen' }, learningRate: 1 } },
      "lemur: content.text.learningRate: expected none because train.kind is 'frozen', got 1",
    ],
    [{ text: { name: 'x' } }, 'lemur: unknown option content.text.name'],
  ])('%j is refused', (content, message) => {
    expect(() => lemur({ content } as never)).toThrow(message);
  });
});

describe('the rates of a published encoder', () => {
  const moved = async (text: NonNullable<Parameters<typeof tinyLemur>[0]>['content'], path: string) => {
    const model = await modelOf(tinyLemur({ content: text!, optimizer: { encoderLearningRate: 0.01 } }));
    const read = () => model.parameters.get(path)!.dataSync().slice();
    const before = read();
    trainingOf(model).run(BATCH, { step: 0 });
    return Math.max(...read().map((value, i) => Math.abs(value - before[i]!)));
  };
  const shift = 'content.text.transformer.blocks.1.feedForwardNorm.shift';

  test('are low by default, and given ones win', async () => {
    // The first step of Adam moves each weight by its learning rate.
    expect((await moved({ text: publish('bert') }, shift)) / 3e-5).toBeCloseTo(1, 1);
    expect((await moved({ text: { encoder: publish('bert'), learningRate: 1e-3 } }, shift)) / 1e-3).toBeCloseTo(1, 1);
    const lora = { encoder: publish('bert'), train: { kind: 'lora', rank: 2 } } as const;
    const up = 'content.text.lora.blocks.1.attention.value.up';
    expect((await moved({ text: lora }, up)) / 4e-4).toBeCloseTo(1, 1);
  });
});

describe('errors', () => {
  test.each<[string, () => NamedEncoders, string | RegExp]>([
    ['a folder that does not exist', () => ({ content: { text: './nowhere' } }), /nowhere.*there is no such folder/],
    [
      'an image encoder as text',
      () => ({ content: { text: publish('vit') } }),
      /openEncoders: content\.text: expected an encoder with a model_type of bert, .*, got "vit"/,
    ],
    [
      'a text encoder as image',
      () => ({ content: { image: publish('bert') } }),
      /openEncoders: content\.image: expected an encoder with a model_type of vit, .*, got "bert"/,
    ],
  ])('%s', async (_, named, message) => {
    await expect(openEncoders(named())).rejects.toThrow(message);
  });

  test('of encoders that the options do not name, or that are not loaded', async () => {
    const named = tinyLemur({ content: { text: publish('bert') } });
    const catalogue = await catalogueOf(named);
    const load = async (options: NamedEncoders) => (await openEncoders(options)).load();
    const make = async (options: RankerOptions, from?: NamedEncoders, over = catalogue) =>
      makeModel(options, over, {}, {}, from && (await load(from)));
    await expect(make(named)).rejects.toThrow(
      `buildRanker: expected encoders.text to be ${named.content!.text!.encoder}, as the options say, got none ` +
        '(pass encoders: await (await openEncoders(options)).load())',
    );
    await expect(make(tinyLemur(), named)).rejects.toThrow(/expected encoders\.text to be none, .*, got \//);
    const other = { content: { text: publish('bert') } };
    await expect(make(named, other)).rejects.toThrow(/expected encoders\.text to be \/.*, got \//);
    const own = await catalogueOf({});
    await expect(make(named, named, own)).rejects.toThrow(/expected a catalogue of the tokenizer of .* 20 tokens/);
    const images = tinyLemur({ content: { image: publish('vit') } });
    await expect(make(images, images, own)).rejects.toThrow(/expected a catalogue with images of 12 × 12, .* 16 × 16/);
  });

  test('of a training that the encoder has no room for, and of documents that are too long', async () => {
    const encoder = publish('bert');
    const train = (given: object) => modelOf(tinyLemur({ content: { text: { encoder, train: given as never } } }));
    await expect(train({ kind: 'top', blocks: 3 })).rejects.toThrow(
      `buildRanker: content.text.train.blocks: expected at most 2, as many as ${encoder} has, got 3`,
    );
    await expect(train({ kind: 'lora', rank: 17 })).rejects.toThrow(
      `buildRanker: content.text.train.rank: expected at most 16, the width of ${encoder}, got 17`,
    );
    const options = tinyLemur({ content: { text: encoder } });
    const published = await openEncoders(options);
    const built = await buildCatalogue(ITEMS, {
      ...{ vocabularyItems: [], imageHeight: 16, imageWidth: 16, documentLength: 9 },
      ...published.inputs,
    });
    const encoders = await published.load();
    expect(() => makeModel(options, built.catalogue, {}, {}, encoders)).toThrow(
      /expected a catalogue with documents of at most 8 tokens, special tokens included, .*, got 11/,
    );
  });

  test('of images of another size than the processor makes', async () => {
    const { inputs } = await openEncoders({ content: { image: publish('vit') } });
    await expect(buildCatalogue(ITEMS, { vocabularyItems: [0], imageHeight: 16, ...inputs })).rejects.toThrow(
      /buildCatalogue: expected images of 12 × 12, as the processor of .* makes them, got 16 × 12/,
    );
  });

  test('of a checkpoint that another encoder was trained for', async () => {
    const make = (text: string | undefined) => modelOf(tinyLemur(text === undefined ? {} : { content: { text } }));
    const first = await make(publish('bert'));
    const about = { folder: makeFolder(), fingerprint: 'data' };
    const checkpoint = await saveCheckpoint(trainingOf(first), stateAt(1), about);
    const other = await make(writePublished(makeFolder(), 'bert', { layer_norm_eps: 0.01 }));
    const loading = loadCheckpoint(trainingOf(other), checkpoint, about);
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(
      /expected the text encoder that it was trained with, \/.* \(SHA-256 [0-9a-f]{16}…\), got \//,
    );
  });
});
