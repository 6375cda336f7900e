import { type Batch, BatchPlan, buildSamples, InteractionBuilder } from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import { buildRanker, type Catalogue, historiesOf, lemur, type RankerOptions, TrainingStep } from '@sifaka/trainer';

const ITEMS = 24;
const USERS = 12;
const EVENTS = 400;
const SIDE = 16;
const BATCH = 16;

/** LEMUR at a size that the reference engine can train: 16 × 16 pixels, a vocabulary of 16 and vectors of width 16. */
export function smallTraining(): TrainingStep {
  return new TrainingStep(buildRanker(smallOptions(), { catalogue: catalogue(), numUsers: USERS }));
}

function smallOptions(): RankerOptions {
  return lemur({
    content: { patchSize: 8, textDepth: 1, heads: 2 },
    dim: 16,
    idDim: 4,
    head: { headDim: 4, depth: 1 },
    sampling: { forward: 0.7, backward: 0.5 },
    sequences: { liked: { length: 4 }, disliked: { length: 6 } },
    optimizer: { warmupSteps: 5 },
  });
}

/** Batches of users who like red items and dislike the others, except in a tenth of the events. */
export function smallBatches(count: number): Batch[] {
  const random = seededRandom(7);
  const below = (bound: number) => Math.floor(random() * bound);
  const builder = new InteractionBuilder();
  for (let i = 0; i < EVENTS; i++) {
    const item = below(ITEMS);
    const liked = isRed(item) !== random() < 0.1;
    builder.add(String(below(USERS)), String(item), liked ? 5 : 1, 1_000_000_000 + i * 300);
  }
  const itemIds = Array.from({ length: ITEMS }, (_, item) => String(item));
  const samples = buildSamples(builder.build({ itemIds }).interactions);
  const indices = Int32Array.from({ length: EVENTS }, (_, i) => i);
  const histories = historiesOf(smallOptions());
  const plan = new BatchPlan({ samples, indices, batchSize: BATCH, histories, seed: 1 });
  return Array.from({ length: count }, (_, step) => plan.batch(step));
}

function isRed(item: number): boolean {
  return item % 2 === 0;
}

function catalogue(): Catalogue {
  const random = seededRandom(1);
  const pixels = Uint8Array.from({ length: ITEMS * SIDE * SIDE * 3 }, (_, k) => {
    const red = isRed(Math.floor(k / (SIDE * SIDE * 3)));
    return (k % 3 === (red ? 0 : 2) ? 190 : 40) + 50 * random();
  });
  const texts = (words: number) => ({
    ids: Int32Array.from({ length: ITEMS * words }, () => 4 + Math.floor(12 * random())),
    lengths: Int32Array.from({ length: ITEMS }, (_, item) => 1 + (item % words)),
    maxLength: words,
  });
  return {
    size: ITEMS,
    vocabularySize: 16,
    format: { start: [2], between: [3], end: [], padding: 0, types: [0, 1] },
    images: {
      pixels,
      height: SIDE,
      width: SIDE,
      present: Uint8Array.from({ length: ITEMS }, (_, i) => (i % 8 === 7 ? 0 : 1)),
    },
    documents: texts(4),
    titles: texts(2),
  };
}
