import { type Ragged, SampleStream, type SampleStreamOptions, type StreamEvent } from '@sifaka/data';
import type { Tokenizer } from '@sifaka/encoders/node';
import { seededRandom } from '@sifaka/nn';
import {
  type BuildRankerOptions,
  buildCatalogue,
  buildRanker,
  GrowingCatalogue,
  historiesOf,
  type NewItem,
  type OnlineSettings,
  OnlineTrainer,
  type RankerOptions,
  TrainingStep,
} from '@sifaka/trainer';
import sharp from 'sharp';
import { afterEach } from 'vitest';

const BEGIN = 1_000_000_000;

/** A picture of 16 × 16 pixels: red, which every user likes, or blue. */
export async function picture(red: boolean): Promise<Uint8Array> {
  const background = { r: red ? 200 : 40, g: 60, b: red ? 40 : 200 };
  return sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
}

/** An item whose title says nothing about its colour. */
export async function rawItem(id: string | number, red: boolean): Promise<NewItem> {
  return { id, title: `film ${id}`, image: await picture(red) };
}

export interface OnlineWorldOptions extends OnlineSettings {
  readonly options: RankerOptions;
  /** Number of items at the start. Even ones are red. Default 12. */
  readonly numItems?: number;
  readonly stream?: Partial<SampleStreamOptions>;
  /** Queries at the start. Default: a catalogue without queries. */
  readonly queries?: readonly string[];
  /** Of the items at the start. Default: a catalogue without categories. */
  readonly categories?: Ragged;
  /** Default 1. */
  readonly numUsers?: number;
  /** Modules that replace those of the options. Default: none. */
  readonly parts?: (catalogue: GrowingCatalogue) => BuildRankerOptions['parts'];
}

/** Makes trainers over small catalogues, which are disposed after each test of the calling file. */
export function onlineMaker(): (world: OnlineWorldOptions) => Promise<OnlineTrainer> {
  const made: TrainingStep[] = [];
  afterEach(() => {
    for (const training of made.splice(0)) {
      training.dispose();
      training.model.dispose();
    }
  });
  return async ({ options, numItems = 12, stream, queries, categories, numUsers = 1, parts, ...settings }) => {
    const { catalogue, tokenizer } = await startCatalogue(numItems, queries, categories);
    const training = new TrainingStep(buildRanker(options, { catalogue, numUsers, parts: parts?.(catalogue) ?? {} }));
    made.push(training);
    const itemIds = Array.from({ length: numItems }, (_, item) => String(item));
    return new OnlineTrainer(training, {
      stream: new SampleStream(streamOptions(options, { ...stream, ...(queries && { queries }) })),
      catalogue,
      itemIds,
      tokenizer,
      ...settings,
    });
  };
}

export function streamOptions(options: RankerOptions, changes: Partial<SampleStreamOptions> = {}): SampleStreamOptions {
  return { batchSize: 16, histories: historiesOf(options), ...changes };
}

async function startCatalogue(
  numItems: number,
  queries: readonly string[] | undefined,
  categories: Ragged | undefined,
): Promise<{ catalogue: GrowingCatalogue; tokenizer: Tokenizer }> {
  const titles = Array.from({ length: numItems }, (_, item) => ({ title: `film ${item}` }));
  const sizes = { imageHeight: 16, imageWidth: 16, documentLength: 4, titleLength: 3, queryLength: 4 };
  const vocabularyItems = titles.map((_, item) => item);
  const { catalogue: bare, tokenizer } = await buildCatalogue(titles, {
    vocabularyItems,
    vocabularySize: 280,
    ...(queries && { queries }),
    ...(categories && { categories }),
    ...sizes,
  });
  const pixels = bare.images.pixels.slice();
  const perImage = 16 * 16 * 3;
  for (let k = 0; k < pixels.length; k++) {
    const red = Math.floor(k / perImage) % 2 === 0;
    pixels[k] = [red ? 200 : 40, 60, red ? 40 : 200][k % 3]!;
  }
  const images = { ...bare.images, pixels, present: new Uint8Array(numItems).fill(1) };
  return { catalogue: new GrowingCatalogue({ ...bare, images }), tokenizer };
}

/** Events of `users` users on items 0 … numItems − 1, a minute apart. Even items are liked. */
export function colourEvents(count: number, { numItems = 12, users = 8, seed = 1, from = 0 } = {}): StreamEvent[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const item = Math.floor(random() * numItems);
    const user = `u${Math.floor(random() * users)}`;
    return { user, item, label: item % 2 === 0 ? 1 : 0, timestamp: BEGIN + 60 * (from + i) } as const;
  });
}
