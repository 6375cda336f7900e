// A process for tests to kill: writes to an LMDB store as fast as it can and prints the number of each acknowledged
// call. Arguments: the store's folder, dim, storage, the first number.
import { loadFromSource } from './from-source.mjs';

const [path, dim, storage, first] = process.argv.slice(2);
const { LmdbStore } = await loadFromSource('@sifaka/memory-bank/lmdb');

const store = await LmdbStore.open({ path, dim: Number(dim), storage });
for (let version = Number(first); ; version++) {
  // Every call writes items 0 … 39 again and ten items of its own. All numbers of a row are the number of the call.
  const ids = Int32Array.from({ length: 50 }, (_, i) => (i < 40 ? i : 100 * version + i));
  const vectors = new Float32Array(50 * Number(dim)).fill(version);
  const numbers = new Int32Array(50).fill(version);
  await store.write({ ids, vectors, steps: numbers, versions: numbers });
  process.stdout.write(`${version}\n`);
}
