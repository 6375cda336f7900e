// Measures the time that the memory bank saves: the LEMUR step of `npm start` with histories of 10 to 1,000 items from
// the bank, beside the time of encoding these items.
//
//   node benchmarks/history-length.mjs [ENGINE] [--rounds N]     needs `npm run build`
//
// Histories are full and drawn uniformly from the train items of the embedded MovieLens, the worst case for encoding.
// The liked sequence holds up to 50 items, the long sequence the others. Encoding is a forward pass over the distinct
// history items of the batch, the least that a model without a bank must do.
import { parseArgs } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { seededRandom } from '@sifaka/nn';
import { buildRanker, lemur, TrainingStep } from '@sifaka/trainer';
import { batchesWithFullHistories, fillBank, loadEmbeddedMovieLens } from './full-histories.mjs';
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
const movieLens = await loadEmbeddedMovieLens();
const { catalogue, samples, trained } = movieLens;

const contenders = LENGTHS.map(makeContender);
const times = contenders.map(() => ({ bank: [], encoding: [] }));
for (let round = 0; round < 2 + Number(values.rounds); round++) {
  contenders.forEach(({ model, training, batches, distinct }, i) => {
    const which = round % BATCHES;
    const began = performance.now();
    training.run(batches[which], { step: round });
    const stepped = performance.now();
    // Encoding takes long, and three rounds are enough.
    if (round < 5) model.encode(distinct[which]);
    const encoded = performance.now();
    if (round < 2) return; // warm-up
    times[i].bank.push(stepped - began);
    if (round < 5) times[i].encoding.push(encoded - began);
  });
}

console.log(
  `${engine.packageName} ${engine.version}, ${engine.device}, ${engine.threads} threads; batches of ${BATCH_SIZE}\n`,
);
console.log('history   bank: ms    × of 10   encoding: ms   × of bank    encoded items: bank   encoding');
const first = median(times[0].bank);
contenders.forEach(({ distinct, candidates, length }, i) => {
  const [bank, encoding] = [median(times[i].bank), median(times[i].encoding)];
  const meanOf = (all) => all.reduce((total, count) => total + count, 0) / all.length;
  const encoded = [meanOf(candidates), meanOf(candidates) + meanOf(distinct.map((ids) => ids.length))];
  console.log(
    [
      String(length).padStart(7),
      bank.toFixed(0).padStart(11),
      (bank / first).toFixed(2).padStart(10),
      encoding.toFixed(0).padStart(14),
      (encoding / bank).toFixed(1).padStart(11),
      encoded[0].toFixed(0).padStart(22),
      encoded[1].toFixed(0).padStart(10),
    ].join(' '),
  );
});
process.exit(0); // engines keep threads and timers

function makeContender(length) {
  const short = Math.min(length, SHORT);
  const sequences = { liked: { length: short }, long: { length: length - short } };
  const options = lemur({ sequences, userDropout: 0, itemDropout: 0 });
  const model = buildRanker(options, { catalogue, numUsers: samples.numUsers });
  const random = seededRandom(length);
  fillBank(model, trained, random);
  const batches = batchesWithFullHistories(movieLens, options, { batchSize: BATCH_SIZE, count: BATCHES, random });
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
