import { BatchPlan, buildSamples, coldItems, gatherStatistics, parseInteractions, splitByTime } from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import {
  buildRanker,
  type Catalogue,
  evaluate,
  historiesOf,
  lemur,
  statisticsColumns,
  TrainingStep,
} from '@sifaka/trainer/model';
import { ITEMS, itemIds, posterPixels, ratingsCsv, SIDE } from './red-films.js';

const STEPS = 20;

export interface TrainedSteps {
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** AUC on the last events, before and after training. */
  readonly aucBefore: number;
  readonly aucAfter: number;
}

/** Trains a small LEMUR with statistics for 20 steps on the current engine. The same program runs in Node and in the page. */
export function trainSteps(): TrainedSteps {
  const { interactions } = parseInteractions(ratingsCsv(), { itemIds: itemIds() });
  const samples = buildSamples(interactions);
  const split = splitByTime(samples);
  const cold = coldItems(samples, split);
  const statistics = gatherStatistics(samples);

  const options = lemur({
    statistics: { columns: statisticsColumns(statistics, split.train), wide: true },
    content: { patchSize: 8, textDepth: 1, heads: 2 },
    dim: 16,
    idDim: 4,
    head: { headDim: 4, depth: 1 },
    sampling: { forward: 0.7, backward: 0.5 },
    sequences: { liked: { length: 4 }, disliked: { length: 6 } },
    optimizer: { learningRate: 5e-3, encoderLearningRate: 5e-3, tableLearningRate: 2e-2 },
  });
  const model = buildRanker(options, { catalogue: makeCatalogue(), numUsers: samples.numUsers });
  const training = new TrainingStep(model);
  const plan = new BatchPlan({
    samples,
    indices: split.train,
    batchSize: 32,
    histories: historiesOf(options),
    statistics,
    seed: 1,
  });
  const testAuc = () => evaluate(model, { samples, indices: split.test, cold, statistics }).all.auc;

  const aucBefore = testAuc();
  const losses = Array.from({ length: STEPS }, (_, step) => training.run(plan.batch(step), { step }).loss);
  const aucAfter = testAuc();
  training.dispose();
  model.dispose();
  return { losses, aucBefore, aucAfter };
}

/** The posters, and texts of random words. Some items have no image. */
function makeCatalogue(): Catalogue {
  const random = seededRandom(2);
  const texts = (words: number) => ({
    ids: Int32Array.from({ length: ITEMS * words }, () => 4 + Math.floor(12 * random())),
    lengths: Int32Array.from({ length: ITEMS }, (_, item) => 1 + (item % words)),
    maxLength: words,
  });
  const present = Uint8Array.from({ length: ITEMS }, (_, item) => (item % 8 === 7 ? 0 : 1));
  return {
    size: ITEMS,
    vocabularySize: 16,
    format: { start: [2], between: [3], end: [], padding: 0, types: [0, 1] },
    images: { pixels: posterPixels(), height: SIDE, width: SIDE, present },
    documents: texts(4),
    titles: texts(2),
  };
}
