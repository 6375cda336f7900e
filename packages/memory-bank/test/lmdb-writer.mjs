// A process for tests to kill: writes to an LMDB store as fast as it can and prints the number of each acknowledged
// call. Arguments: the store's folder, dim, storage, the first number.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const [path, dim, storage, first] = process.argv.slice(2);
// From source, like the tests.
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
  // Every call writes items 0 … 39 again and ten items of its own. All numbers of a row are the number of the call.
  const ids = Int32Array.from({ length: 50 }, (_, i) => (i < 40 ? i : 100 * version + i));
  const vectors = new Float32Array(50 * Number(dim)).fill(version);
  const numbers = new Int32Array(50).fill(version);
  await store.write({ ids, vectors, steps: numbers, versions: numbers });
  process.stdout.write(`${version}\n`);
}
