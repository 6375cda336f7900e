// A process that is made to be killed: it writes to an LMDB store as fast as it can, and prints the number of each call that was acknowledged.
// Arguments: the store's folder, dim, storage, the first number.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const [path, dim, storage, first] = process.argv.slice(2);
// From source, as the tests themselves run.
const vite = await createViteServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false, hmr: false },
  optimizeDeps: { noDiscovery: true },
  ssr: { noExternal: [/^@sifaka\//], resolve: { conditions: ['@sifaka/source'] } },
});
const { LmdbStore } = await vite.ssrLoadModule('@sifaka/memory-bank/lmdb');

const store = await LmdbStore.open({ path, dim: Number(dim), storage });
for (let version = Number(first); ; version++) {
  // Items 0 … 39 are written again by every call, ten more are its own; every number in a row is the call's.
  const ids = Int32Array.from({ length: 50 }, (_, i) => (i < 40 ? i : 100 * version + i));
  const vectors = new Float32Array(50 * Number(dim)).fill(version);
  const numbers = new Int32Array(50).fill(version);
  await store.write({ ids, vectors, steps: numbers, versions: numbers });
  process.stdout.write(`${version}\n`);
}
