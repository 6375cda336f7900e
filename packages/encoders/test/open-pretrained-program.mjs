// A process for tests, which may kill it: opens a model of a hub and prints its commit and one tensor's sum.
// Arguments: endpoint, cache folder.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const vite = await createViteServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false, hmr: false },
  optimizeDeps: { noDiscovery: true },
  ssr: { noExternal: [/^@sifaka\//], resolve: { conditions: ['@sifaka/source'] } },
});
const { openPretrained } = await vite.ssrLoadModule('@sifaka/encoders/node');
const [, , endpoint, cacheFolder] = process.argv;
process.stdout.write('ready\n');
const options = { endpoint, cacheFolder, token: false, timeoutSeconds: 600 };
const { commit, weights } = await openPretrained('zoo/tiny', options);
const values = await weights.read('w');
process.stdout.write(`${commit} ${values.reduce((sum, value) => sum + value, 0)}\n`);
await vite.close();
