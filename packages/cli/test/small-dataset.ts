import { assembleDataset, type Dataset } from '@sifaka/cli';
import { buildSamples, categoryColumn, InteractionBuilder, type Samples, splitByTime, wordBags } from '@sifaka/data';
import { buildCatalogue, type PresetOverrides } from '@sifaka/trainer';

export const ITEMS = 20;
export const EVENTS = 400;
export const SMALL: PresetOverrides = {
  dim: 8,
  content: { heads: 2 },
  sequences: { liked: { length: 4 }, disliked: { length: 4 } },
};

/** The baselines that it has the columns for without attributes. */
export const SMALL_BASELINES = ['popularity', 'item mean', 'user + item biases', 'mood + item mean', 'all statistics'];

const GENRES = ['space', 'romance', 'western', 'heist'];
/** Appears only in the test part, so it is cold. */
const LATE_ITEM = ITEMS - 1;

export interface SmallDatasetOptions {
  /** Text of the first item. */
  readonly text?: string;
  /** Whether items have their genre as a category and as words. Default false. */
  readonly attributes?: boolean;
  /** Whether anybody likes anything in the test part. */
  readonly likedInTest?: boolean;
  /** With `'visit'`, users come once a day for several events. Default `'event'`, an hour apart. */
  readonly historyAsOf?: Samples['historyAsOf'];
}

/** Users who each like two of four genres, and items that have their genre as text. */
export async function smallDataset(options: SmallDatasetOptions = {}): Promise<Dataset> {
  const { text } = options;
  const samples = smallSamples(options);
  const split = splitByTime(samples);
  const items = Array.from({ length: ITEMS }, (_, i) => ({ text: i === 0 && text ? text : GENRES[i % 4] }));
  const vocabularyItems = Int32Array.from(split.train, (sample) => samples.items[sample]!);
  const built = await buildCatalogue(items, { vocabularyItems });
  const attributes = options.attributes && {
    categories: [
      categoryColumn(
        'genre',
        Array.from(items, (_, i) => [GENRES[i % 4]!]),
      ),
    ],
    words: wordBags(items.map((item) => item.text ?? '')),
  };
  return assembleDataset({
    samples,
    split,
    built,
    ...(attributes && { attributes }),
    counts: { duplicateRows: 3 },
    warnings: ['made up'],
  });
}

function smallSamples({ likedInTest = true, historyAsOf = 'event' }: SmallDatasetOptions): Samples {
  const events = new InteractionBuilder();
  for (let k = 0; k < EVENTS; k++) {
    const inTest = k >= 0.9 * EVENTS;
    const user = historyAsOf === 'event' ? k % 11 : Math.floor(k / 8) % 11;
    const item = inTest && k % 3 === 0 ? LATE_ITEM : (k * 7 + Math.floor(k / 13)) % LATE_ITEM;
    const liked = (item + user) % 4 < 2 && (likedInTest || !inTest);
    events.add(`u${user}`, String(item), liked ? 5 : 1, 1_000_000_000 + (historyAsOf === 'event' ? 3600 : 600) * k);
  }
  const { interactions } = events.build({ itemIds: Array.from({ length: ITEMS }, (_, i) => String(i)) });
  return buildSamples(interactions, { historyAsOf });
}
