// A process for tests, which may kill it: writes rows of frozen layers without weights to a folder, one after the
// other. Row `i` has `i` in its key and 1 + i % 7 values of `i`. Arguments: folder, first row, number of rows.
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
const { FrozenPrefixFolder } = await vite.ssrLoadModule('@sifaka/encoders/node');
const [, , folder, first, count] = process.argv;
const rows = new FrozenPrefixFolder(folder).open({ description: 'processes', weights: new Map() });
for (let row = Number(first); row < Number(first) + Number(count); row++) {
  rows.write(row.toString(16).padStart(32, '0'), new Float32Array(1 + (row % 7)).fill(row));
  if (row === Number(first) + 100) process.stdout.write('writing\n');
}
rows.close();
await vite.close();
