// Loads a package of this workspace from source, like the tests, in a process of its own.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

/** @param {string} name of a package or one of its entries */
export async function loadFromSource(name) {
  const vite = await createViteServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null, ws: false, hmr: false },
    optimizeDeps: { noDiscovery: true },
    ssr: { noExternal: [/^@sifaka\//], resolve: { conditions: ['@sifaka/source'] } },
  });
  return vite.ssrLoadModule(name);
}
