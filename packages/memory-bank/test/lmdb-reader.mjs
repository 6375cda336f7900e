// Opens damaged LMDB stores, in a process of its own because some damage could end it. Arguments: dim, then folders.
// In a whole store, all values, the step and the version of item `id` are `id + 1`. Prints one line per folder:
// `intact`, `refused: …` or `WRONG: …`.
import { loadFromSource } from './from-source.mjs';

const [dim, ...folders] = process.argv.slice(2);
const { LmdbStore, LmdbStoreError } = await loadFromSource('@sifaka/memory-bank/lmdb');
const LAST = 2 ** 31 - 1;

for (const path of folders) process.stdout.write(`${await use(path)}\n`);
process.exit();

async function use(path) {
  let store;
  try {
    store = await LmdbStore.open({ path, dim: Number(dim) });
    const count = await store.count();
    let scanned = 0;
    for await (const rows of store.scan(100)) {
      checkRows(rows);
      scanned += rows.ids.length;
    }
    const found = await store.read(Array.from({ length: 3000 }, (_, i) => i));
    checkRows(found);
    if (count !== scanned || found.ids.length > scanned) return `WRONG: ${count} rows, ${scanned} scanned`;
    for (let version = 1; version < 4; version++) {
      const ids = Int32Array.from({ length: 400 }, (_, i) => LAST - i);
      const numbers = new Int32Array(400).fill(version);
      const vectors = new Float32Array(400 * Number(dim)).fill(version);
      await store.write({ ids, vectors, steps: numbers, versions: numbers });
      const { versions } = await store.read(ids);
      if (versions.length !== 400 || versions.some((kept) => kept !== version)) return 'WRONG: a write is lost';
    }
    checkRows(await store.read(found.ids));
    return scanned === 2500 ? 'intact' : `WRONG: ${scanned} of 2500 rows`;
  } catch (error) {
    return LmdbStoreError.isInstance(error) ? `refused: ${error.message}` : `WRONG: ${error.stack}`;
  } finally {
    await store?.close();
  }
}

function checkRows({ ids, vectors, steps, versions }) {
  for (const [i, id] of ids.entries()) {
    const values = vectors.subarray(i * Number(dim), (i + 1) * Number(dim));
    if (steps[i] !== id + 1 || versions[i] !== id + 1 || values.some((value) => value !== id + 1)) {
      throw new Error(`item ${id} has other values`);
    }
  }
}
