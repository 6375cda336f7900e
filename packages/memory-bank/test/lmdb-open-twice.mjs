// A process for tests: opens one LMDB store again and again while it writes to it, and prints the number of rows. A
// process of its own, because a hang in LMDB stops the event loop, timers included. Argument: the store's folder.
import { symlink } from 'node:fs/promises';
import { loadFromSource } from './from-source.mjs';

const [path] = process.argv.slice(2);
const { LmdbStore } = await loadFromSource('@sifaka/memory-bank/lmdb');

const ROWS = 200;
const rows = (call) => ({
  ids: Int32Array.from({ length: ROWS }, (_, i) => call * ROWS + i),
  vectors: new Float32Array(ROWS).fill(call),
  steps: new Int32Array(ROWS),
  versions: new Int32Array(ROWS).fill(1),
});

const [one, same] = await Promise.all([LmdbStore.open({ path, dim: 1 }), LmdbStore.open({ path, dim: 1 })]);
await symlink(path, `${path}-link`);
let isDone = false;
let calls = 0;
const writing = (async () => {
  while (!isDone) await one.write(rows(calls++));
})();
for (let i = 0; i < 20; i++) {
  const other = await LmdbStore.open({ path: i % 2 === 0 ? path : `${path}-link`, dim: 1 });
  await other.write(rows(10_000 + i));
  await other.close();
}
await same.close();
isDone = true;
await writing;
const isWhole = (await one.count()) === (calls + 20) * ROWS;
await one.close();
const again = await LmdbStore.open({ path, dim: 1 });
process.stdout.write(`${isWhole} ${(await again.count()) === (calls + 20) * ROWS} ${calls > 0}`);
await again.close();
