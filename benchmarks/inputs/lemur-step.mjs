// Inputs of the LEMUR step of `npm start`, for both sides: the embedded MovieLens as a catalogue, batches, the preset's
// initial weights, and a memory bank with the vectors of all train items under these weights.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BatchPlan } from '@sifaka/data';
import { writeSafetensors } from '@sifaka/nn';
import { buildRanker, exportWeights, historiesOf, lemur } from '@sifaka/trainer';
import { prepareEmbeddedData } from '../../apps/demo/dist/embedded-data.js';
import { loadMovieLens } from '../../apps/demo/dist/load-movielens.js';

const BATCH_SIZE = 256;
const BATCHES = 16;

/**
 * The preset without id dropout, so that all contenders read the same rows. As in the paper, it reads no disliked
 * items, SQDC's negatives are the positives of the batch, and nothing is decorrelated.
 */
export const LEMUR_OPTIONS = lemur({
  userDropout: 0,
  itemDropout: 0,
  sequences: { disliked: { length: 0 } },
  sqdc: { negatives: 'positives' },
  decorrelation: { weight: 0 },
});

export async function writeInputs(folder) {
  const { catalogue, samples, split } = await embeddedMovieLens();
  const model = buildRanker(LEMUR_OPTIONS, { catalogue, numUsers: samples.numUsers });
  const trained = Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample])));
  model.freezeEncoders(trained, 0); // fills the bank
  const { dense, users, items } = exportWeights(model);
  const bank = model.bank.snapshot();
  const histories = historiesOf(LEMUR_OPTIONS);
  const { seed } = LEMUR_OPTIONS;
  const plan = new BatchPlan({ samples, indices: split.train, batchSize: BATCH_SIZE, histories, seed });
  const batches = Array.from({ length: BATCHES }, (_, step) => plan.batch(step));
  const liked = batches.map((batch) => ({ size: batch.size, liked: batch.histories.liked.items }));
  const { documents, titles, images } = catalogue;

  await mkdir(folder, { recursive: true });
  const table = ({ values }) => matrix(values, LEMUR_OPTIONS.idDim);
  await writeFile(
    path.join(folder, 'lemur-weights.safetensors'),
    writeSafetensors(new Map([...dense, ['tables.users', table(users)], ['tables.items', table(items)]])),
  );
  await writeFile(
    path.join(folder, 'lemur-data.safetensors'),
    writeSafetensors(
      new Map([
        ['documents.ids', matrix(documents.ids, documents.maxLength)],
        ['documents.lengths', vector(documents.lengths)],
        ['titles.ids', matrix(titles.ids, titles.maxLength)],
        ['titles.lengths', vector(titles.lengths)],
        ['images.present', vector(images.present)],
        ['bank.ids', vector(bank.ids)],
        ['bank.vectors', matrix(bank.vectors, bank.dim)],
        ['batches.users', stacked(batches, 'users')],
        ['batches.items', stacked(batches, 'items')],
        ['batches.labels', stacked(batches, 'labels')],
        ['batches.sessions', stacked(batches, 'sessions')],
        ['batches.liked', stacked(liked, 'liked', histories.liked.length)],
      ]),
    ),
  );
  // As raw bytes, so that neither side holds a second copy of the largest array.
  await writeFile(path.join(folder, 'lemur-pixels.bin'), images.pixels);
  const { size, vocabularySize, classification, separator } = catalogue;
  const facts = { size, vocabularySize, classification, separator, numUsers: samples.numUsers, options: LEMUR_OPTIONS };
  const image = { height: images.height, width: images.width };
  await writeFile(path.join(folder, 'lemur.json'), JSON.stringify({ ...facts, image }, null, 2));
  model.dispose();
}

/** The data of `npm start`, from the same cache. The first call renders the posters. */
export async function embeddedMovieLens() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: the demo's own variable; no turbo task runs this.
  const cacheFolder = path.resolve(process.env.SIFAKA_CACHE ?? path.join(root, '.cache'));
  const folder = path.join(cacheFolder, 'ml-latest-small');
  await prepareEmbeddedData({ folder });
  return loadMovieLens({ folder, cacheFolder });
}

function vector(data) {
  return { dtype: dtypeOf(data), shape: [data.length], data };
}

function matrix(data, width) {
  return { dtype: dtypeOf(data), shape: [data.length / width, width], data };
}

function stacked(batches, name, width) {
  const [first] = batches;
  const data = new first[name].constructor(batches.length * first[name].length);
  for (const [i, batch] of batches.entries()) data.set(batch[name], i * first[name].length);
  return { dtype: dtypeOf(data), shape: [batches.length, first.size, ...(width === undefined ? [] : [width])], data };
}

function dtypeOf(data) {
  return { Float32Array: 'F32', Int32Array: 'I32', Uint8Array: 'U8' }[data.constructor.name];
}
