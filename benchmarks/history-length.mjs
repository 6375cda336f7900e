// What the memory bank saves: the LEMUR step of `npm start` with histories of 10 to 1,000 items, read from the bank,
// and with the same histories encoded anew. `node benchmarks/history-length.mjs [ENGINE] [--rounds N]`, after `npm run
// build`.
//
// Histories are full and drawn uniformly from the embedded MovieLens's train items: the worst case for whoever encodes
// them. Up to 50 items stand in the short sequence, the others in the long one, as the model has it. Encoding is
// counted forward only, over the batch's distinct history items: what a model without a bank must do at the least.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { BatchPlan } from '@sifaka/data';
import { MemoryBank } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { buildRanker, historiesOf, lemur, TrainingStep } from '@sifaka/trainer';
import { prepareEmbeddedData } from '../apps/demo/dist/embedded-data.js';
import { loadMovieLens } from '../apps/demo/dist/load-movielens.js';
import { median } from './statistics.mjs';

const LENGTHS = [10, 50, 200, 1000];
const SHORT = 50;
const BATCH_SIZE = 256;
const BATCHES = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '12' } },
});
const engine = await useEngine(positionals[0] ?? 'auto');
const cacheFolder = fileURLToPath(new URL('../.cache', import.meta.url));
const folder = `${cacheFolder}/ml-latest-small`;
await prepareEmbeddedData({ folder, signal: new AbortController().signal, onProgress: () => {} });
const { catalogue, samples, split } = await loadMovieLens({ folder, cacheFolder });
const trained = Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample])));

const contenders = LENGTHS.map(makeContender);
const times = contenders.map(() => ({ bank: [], encoding: [] }));
for (let round = 0; round < 2 + Number(values.rounds); round++) {
  contenders.forEach(({ model, training, batches, distinct }, i) => {
    const which = round % BATCHES;
    const began = performance.now();
    training.run(batches[which], { step: round });
    const stepped = performance.now();
    // Encoding a thousand histories takes its time; three rounds say enough.
    if (round < 5) model.encode(distinct[which]);
    const encoded = performance.now();
    if (round < 2) return; // Warming up.
    times[i].bank.push(stepped - began);
    if (round < 5) times[i].encoding.push(encoded - began);
  });
}

console.log(
  `${engine.packageName} ${engine.version}, ${engine.device}, ${engine.threads} threads; batches of ${BATCH_SIZE}\n`,
);
console.log('history   bank: ms    × of 10   encoding: ms   × of bank   encoder passes: bank   encoding');
const first = median(times[0].bank);
contenders.forEach(({ distinct, candidates, length }, i) => {
  const [bank, encoding] = [median(times[i].bank), median(times[i].encoding)];
  const meanOf = (all) => all.reduce((total, count) => total + count, 0) / all.length;
  const passes = [meanOf(candidates), meanOf(candidates) + meanOf(distinct.map((ids) => ids.length))];
  console.log(
    [
      String(length).padStart(7),
      bank.toFixed(0).padStart(11),
      (bank / first).toFixed(2).padStart(10),
      encoding.toFixed(0).padStart(14),
      (encoding / bank).toFixed(1).padStart(11),
      passes[0].toFixed(0).padStart(22),
      passes[1].toFixed(0).padStart(10),
    ].join(' '),
  );
});
process.exit(0); // Engines keep threads and timers.

function makeContender(length) {
  const short = Math.min(length, SHORT);
  const sequences = { liked: { length: short }, long: { length: length - short } };
  const options = lemur({ sequences, userDropout: 0, itemDropout: 0 });
  const model = buildRanker(options, { catalogue, numUsers: samples.numUsers });
  const random = seededRandom(length);
  const bank = new MemoryBank({ dim: options.dim });
  const vectors = Float32Array.from({ length: trained.length * options.dim }, () => random() - 0.5);
  bank.write(trained, vectors, 0);
  model.replaceBank(bank);
  const plan = new BatchPlan({ samples, indices: split.train, batchSize: BATCH_SIZE, seed: 1 });
  const draw = (count) => Int32Array.from({ length: count }, () => trained[Math.floor(random() * trained.length)]);
  const full = ([name, { length: places, skip = 0, events = 'positive' }]) => {
    const items = draw(BATCH_SIZE * places);
    const labels = Uint8Array.from(items, () => (events === 'positive' || random() < 0.5 ? 1 : 0));
    return [name, { length: places, skip, events, items, labels, lengths: new Int32Array(BATCH_SIZE).fill(places) }];
  };
  const batches = Array.from({ length: BATCHES }, (_, step) => ({
    ...plan.batch(step),
    histories: Object.fromEntries(Object.entries(historiesOf(options)).map(full)),
  }));
  const distinct = batches.map(({ histories: { liked, long, recent } }) => {
    const disliked = recent.items.filter((_, index) => recent.labels[index] === 0);
    return Int32Array.from(new Set([...liked.items, ...(long?.items ?? []), ...disliked]));
  });
  return {
    length,
    model,
    training: new TrainingStep(model),
    batches,
    distinct,
    candidates: batches.map(({ items }) => new Set(items).size),
  };
}
