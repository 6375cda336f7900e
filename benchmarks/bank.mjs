// The memory bank alone, for each storage, with vectors of width 128: memory per million items, writes, look-ups and
// nearest neighbours per second.
//
//   node benchmarks/bank.mjs [--items 1000000] [--storages float32,float16,int8]
//   node benchmarks/bank.mjs --items 10000000 --storages float16     the size of LEMUR; does it fit in 3.5 GiB?
//
// Each storage has its own process, so that its memory can be measured. Look-ups run on one core with random stored
// ids. Run `npm run build` first.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MemoryBank } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { median } from './statistics.mjs';

const DIM = 128;
const BATCH = 2048;
const LOOKUPS = 2 ** 20;
const ROUNDS = 7;

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000000' },
    storages: { type: 'string', default: 'float32,float16,int8' },
    one: { type: 'string' },
  },
});
const items = Number(values.items);
if (values.one === undefined) {
  console.log(
    `${items.toLocaleString('en')} items × ${DIM}; medians of ${ROUNDS} rounds; rows per second of processor time`,
  );
  for (const storage of values.storages.split(',')) {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--one', storage, '--items', String(items)], {
      stdio: 'inherit',
    });
  }
} else {
  measure(values.one);
}

function measure(storage) {
  const random = seededRandom(1);
  const gibibytes = () => process.memoryUsage.rss() / 2 ** 30;
  const before = gibibytes();
  const bank = new MemoryBank({ dim: DIM, storage });
  const vectors = normals(BATCH * DIM, random);
  const idOf = (row) => Number((BigInt(row) * 214748357n) % 2147483647n); // distinct ids, spread over all int32
  const writeSeconds = cpuSeconds(() => {
    for (let start = 0; start < items; start += BATCH) {
      const count = Math.min(BATCH, items - start);
      const ids = Int32Array.from({ length: count }, (_, i) => idOf(start + i));
      bank.write(ids, vectors.subarray(0, count * DIM), start);
    }
  });
  const held = gibibytes() - before;

  const batches = Array.from({ length: LOOKUPS / BATCH }, () =>
    Int32Array.from({ length: BATCH }, () => idOf(Math.floor(items * random()))),
  );
  const into = new Float32Array(BATCH * DIM);
  const readAll = (target) => {
    for (const ids of batches) bank.read(ids, target);
  };
  const rounds = { into: [], fresh: [], nearest: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.into.push(LOOKUPS / cpuSeconds(() => readAll(into)));
    rounds.fresh.push(LOOKUPS / cpuSeconds(() => readAll()));
    const query = normals(DIM, random);
    if (items <= 2_000_000 || round < 2) rounds.nearest.push(cpuSeconds(() => bank.nearest(query, 10)));
  }
  const million = (count) => `${(count / 1e6).toFixed(2)} M`;
  console.log(
    [
      storage.padEnd(8),
      `memory ${((held * 1024) / (items / 1e6)).toFixed(0)} MiB per million items`,
      `process ${gibibytes().toFixed(2)} GiB, at most ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)}`,
      `first writes ${million(items / writeSeconds)}/s`,
      `look-ups ${million(median(rounds.into))}/s into one array, ${million(median(rounds.fresh))}/s into new ones`,
      `nearest 10 of all ${(1000 * median(rounds.nearest)).toFixed(0)} ms`,
    ].join('; '),
  );
}

function cpuSeconds(work) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function normals(count, random) {
  return Float32Array.from({ length: count }, () => {
    return (Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())) / Math.sqrt(DIM);
  });
}
