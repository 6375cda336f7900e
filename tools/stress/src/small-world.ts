import {
  buildSamples,
  categoryColumn,
  coldItems,
  gatherStatistics,
  InteractionBuilder,
  type ItemAttributes,
  type Samples,
  type Split,
  type Statistics,
  type StreamEvent,
  splitByTime,
  statisticsLayout,
  wordBags,
} from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import { type BuiltCatalogue, buildCatalogue, type Catalogue, lemur, type RankerOptions } from '@sifaka/trainer';

export const ITEMS = 20;
export const USERS = 12;
const BEGIN = 1_000_000_000;
const IMAGE = 16 * 16 * 3;

/** Two groups of items, and words that some of them share. */
export function smallAttributes(): ItemAttributes {
  const items = Array.from({ length: ITEMS }, (_, item) => item);
  return {
    categories: [
      categoryColumn(
        'group',
        items.map((item) => [item % 2 === 0 ? 'even' : 'odd']),
      ),
    ],
    words: wordBags(items.map((item) => `film ${item % 7}`)),
  };
}

/** A small model with every kind of random draw, and statistics. */
export function smallOptions(seed: number): RankerOptions {
  const columns = statisticsLayout(smallAttributes()).names.map((name) => ({ name, mean: 0, deviation: 1 }));
  return lemur({
    seed,
    statistics: { columns, wide: true },
    dim: 16,
    idDim: 4,
    sequences: { liked: { length: 4 }, long: { length: 2 }, disliked: { length: 3 } },
    head: { headDim: 4, depth: 1 },
    content: { patchSize: 8, textDepth: 1, heads: 2 },
    userDropout: 0.3,
    itemDropout: 0.2,
    sampling: { forward: 0.6, backward: 0.3 },
    optimizer: { warmupSteps: 3, weightDecay: 0.01, learningRate: 0.01 },
  });
}

/** Items with images of 16 × 16 noise around red or blue. */
export async function smallCatalogue(): Promise<BuiltCatalogue> {
  const titles = Array.from({ length: ITEMS }, (_, item) => ({ title: `film ${item}` }));
  const built = await buildCatalogue(titles, {
    vocabularyItems: titles.map((_, item) => item),
    vocabularySize: 280,
    imageHeight: 16,
    imageWidth: 16,
    documentLength: 4,
    titleLength: 3,
  });
  const random = seededRandom(3);
  const pixels = Uint8Array.from({ length: ITEMS * IMAGE }, (_, k) => {
    const red = Math.floor(k / IMAGE) % 2 === 0;
    return ((k % 3 === 0) === red ? 180 : 40) + 50 * random();
  });
  const images = { ...built.catalogue.images, pixels, present: new Uint8Array(ITEMS).fill(1) };
  const catalogue: Catalogue = { ...built.catalogue, images };
  return { ...built, catalogue };
}

/** Events a minute apart, with an hour's pause after every 25. Even items are liked, except for every tenth event. */
export function smallEvents(count: number, seed: number): StreamEvent[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, i) => {
    const item = below(ITEMS);
    const label = (item % 2 === 0) !== random() < 0.1 ? 1 : 0;
    return { user: `u${below(USERS)}`, item, label, timestamp: BEGIN + 60 * i + 3600 * Math.floor(i / 25) } as const;
  });
}

/** Samples by visits, with their statistics. */
export function smallSamples(seed: number): {
  samples: Samples;
  statistics: Statistics;
  split: Split;
  cold: Uint8Array;
} {
  const builder = new InteractionBuilder();
  for (const { user, item, label, timestamp } of smallEvents(300, seed)) {
    builder.add(user, item, label === 1 ? 5 : 1, timestamp);
  }
  const itemIds = Array.from({ length: ITEMS }, (_, item) => String(item));
  const samples = buildSamples(builder.build({ itemIds }).interactions, { historyAsOf: 'visit' });
  const split = splitByTime(samples);
  return { samples, statistics: gatherStatistics(samples, smallAttributes()), split, cold: coldItems(samples, split) };
}
