// Batches of the embedded MovieLens whose histories are full: every user has as many events as a model reads, drawn
// uniformly from the train items. It is the worst case for anything that depends on the distinct items of a batch.
import { fileURLToPath } from 'node:url';
import { BatchPlan } from '@sifaka/data';
import { MemoryBank } from '@sifaka/memory-bank';
import { historiesOf } from '@sifaka/trainer';
import { prepareEmbeddedData } from '../apps/demo/dist/embedded-data.js';
import { loadMovieLens } from '../apps/demo/dist/load-movielens.js';

/** @returns `catalogue`, `samples` and `split` of the embedded MovieLens, and `trained`: the items of its train part */
export async function loadEmbeddedMovieLens() {
  const cacheFolder = fileURLToPath(new URL('../.cache', import.meta.url));
  const folder = `${cacheFolder}/ml-latest-small`;
  await prepareEmbeddedData({ folder, signal: new AbortController().signal, onProgress: () => {} });
  const { catalogue, samples, split } = await loadMovieLens({ folder, cacheFolder });
  const trained = Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample])));
  return { catalogue, samples, split, trained };
}

/** Gives a model a bank with a random row for every train item, so that no step has to encode an item that it lacks. */
export function fillBank(model, trained, random) {
  const { dim } = model.options;
  const bank = new MemoryBank({ dim: model.bank.dim });
  // Beside the item vector, a row may hold tokens, each with a number after it: 1 if the item has such a token.
  const isPresence = (column) => column >= dim && (column - dim) % (dim + 1) === dim;
  const rows = Float32Array.from({ length: trained.length * bank.dim }, (_, i) =>
    isPresence(i % bank.dim) ? 1 : random() - 0.5,
  );
  bank.write(trained, rows, 0);
  model.replaceBank(bank);
}

/** @returns `count` batches of `batchSize` samples, with full histories for a model with these options */
export function batchesWithFullHistories({ samples, split, trained }, options, { batchSize, count, random }) {
  const plan = new BatchPlan({ samples, indices: split.train, batchSize, seed: 1 });
  const fullHistory = ({ length, skip = 0, events = 'positive' }) => {
    const items = Int32Array.from({ length: batchSize * length }, () => trained[Math.floor(random() * trained.length)]);
    const labels = Uint8Array.from(items, () => (events === 'positive' || random() < 0.5 ? 1 : 0));
    return { length, skip, events, items, labels, lengths: new Int32Array(batchSize).fill(length) };
  };
  const histories = Object.entries(historiesOf(options));
  return Array.from({ length: count }, (_, step) => ({
    ...plan.batch(step),
    histories: Object.fromEntries(histories.map(([name, history]) => [name, fullHistory(history)])),
  }));
}
