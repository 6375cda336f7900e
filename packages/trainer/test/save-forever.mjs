// A process for tests to kill: saves the same two steps of a small model over and over, and prints a line per save.
// Argument: the folder of the checkpoints.
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
const { useEngine } = await vite.ssrLoadModule('@sifaka/backend');
const { saveCheckpoint } = await vite.ssrLoadModule('@sifaka/trainer');
const { stateAt, tinyTraining } = await vite.ssrLoadModule('/test/tiny-training.ts');
await useEngine('wasm');
const training = tinyTraining();
for (let save = 0; ; save++) {
  const options = { folder: process.argv[2], fingerprint: 'tiny' };
  await saveCheckpoint(training, stateAt(7 + (save % 2)), options);
  process.stdout.write(`${save}\n`);
}
