// A training step of EM3 or of the id-only model with the same sequence: the user's last liked items, as ids and, in
// EM3, as contents too. Presets are changed in three ways. The liked sequence alone is read, at the given length. It
// has no rest of constant length beside it, so that growth is not diluted. The steps encode p = q = 0.2 of their
// candidates.
import { writeFileSync } from 'node:fs';
import { seededRandom } from '@sifaka/nn';
import { buildRanker, em3, idOnly, TrainingStep } from '@sifaka/trainer';
import { batchesWithFullHistories, fillBank, loadEmbeddedMovieLens } from '../full-histories.mjs';

const BATCH_SIZE = 256;
const BATCHES = 4;
const HISTORIES = {
  frozen: { kind: 'frozen' },
  lowRank: { kind: 'lowRank', rank: 8 },
  sharedFusion: { kind: 'sharedFusion', rank: 8 },
  full: { kind: 'full' },
};

/** How EM3 may treat the contents of histories. */
export const HISTORY_KINDS = Object.keys(HISTORIES);

let movieLens;

/**
 * @param model `'idOnly'`, one of {@link HISTORY_KINDS}, or `'none'`: reads the data only, and forgets the peak of the
 *   process's memory until then
 * @param mostItems throws if `full` would encode more history items in a step. Default: no limit.
 */
export async function setUp({ model: name, length, mostItems = Number.POSITIVE_INFINITY }) {
  movieLens ??= await loadEmbeddedMovieLens();
  if (name === 'none') {
    globalThis.gc?.();
    writeFileSync('/proc/self/clear_refs', '5'); // Linux: the peak starts again at the present value
    return { run: () => {} };
  }
  const { catalogue, samples, trained } = movieLens;
  const changes = {
    sequences: { liked: { length }, disliked: { length: 0 } },
    sampling: { forward: 0.2, backward: 0.2 },
  };
  const options = name === 'idOnly' ? idOnly(changes) : em3(changes, { content: { history: HISTORIES[name] } });
  const random = seededRandom(length);
  const batches = batchesWithFullHistories(movieLens, options, { batchSize: BATCH_SIZE, count: BATCHES, random });
  const inHistories = name === 'full' ? new Set(batches[0].histories.liked.items).size : 0;
  if (inHistories > mostItems) {
    throw new RangeError(`a step would encode ${inHistories} history items, more than ${mostItems} (--most-items)`);
  }
  const model = buildRanker(options, { catalogue, numUsers: samples.numUsers });
  if (name !== 'idOnly') fillBank(model, trained, random);
  const training = new TrainingStep(model);
  let step = 0;
  const run = () => training.run(batches[step % BATCHES], { step: step++ });
  return {
    run,
    check: () => {
      const { learned, refreshed } = run();
      return { parameters: sizeOf(model.parameters), encoded: learned + refreshed + inHistories };
    },
    dispose: () => {
      training.dispose();
      model.dispose();
    },
  };
}

function sizeOf(parameters) {
  return [...parameters.values()].reduce((total, { size }) => total + size, 0);
}
